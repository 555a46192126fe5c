// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Role} from "../../src/Types.sol";
import {World} from "./World.sol";

/// A task of two rounds with three trainers and three validators, 100 tokens each.
abstract contract ThreeEach is World {
    uint256 internal task;

    function setUp() public virtual override {
        super.setUp();
        task = create(paramsOf(2));
        for (uint256 i; i < 3; ++i) {
            stakeIn(task, trainer(i), Role.Trainer, 100 * T);
            stakeIn(task, validator(i), Role.Validator, 100 * T);
        }
    }

    /// All take part in round 0, with scores a little apart, up to where it can be settled.
    function ready() internal returns (bytes memory consensus, bytes memory vectors) {
        enterAll(task, 0, 3, 3);
        for (uint256 i; i < 3; ++i) {
            uint32 x = uint32(100 * i);
            sealAs(task, 0, 0, validator(i), row(1_000_000 + x, 800_000 + x, 850_000 + x, 900_000 + x));
        }
        revealAll(task, 0, 3);
        return evidence(task, 0, 0);
    }
}
