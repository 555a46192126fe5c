// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Phase, Role, TaskParams} from "../src/Types.sol";
import {NotTheMedian} from "../src/Errors.sol";
import {ABSTAIN, INVALID, Judge} from "./helpers/Judge.sol";
import {World} from "./helpers/World.sol";
import {vm} from "./helpers/Vm.sol";

/// The claimed consensus passes exactly when it is the median that sorting finds, whatever the vectors hold.
contract MedianTest is World {
    uint256 internal constant ITEMS = 12;
    uint256 internal task;

    function setUp() public override {
        super.setUp();
        task = create(paramsOf(1));
        for (uint256 i; i < ITEMS - 1; ++i) {
            stakeIn(task, trainer(i), Role.Trainer, 100 * T);
            submitAs(task, 0, trainer(i));
        }
        for (uint256 i; i < 5; ++i) {
            stakeIn(task, validator(i), Role.Validator, (50 + 37 * i) * T);
            enrollAs(task, 0, validator(i));
        }
        goTo(task, 0, Phase.Open);
        for (uint256 i; i < ITEMS - 1; ++i) openAs(task, 0, trainer(i));
        arena.revealKey(task, 0, KEY);
        goTo(task, 0, Phase.Validate);
    }

    /// Near each other, far apart, at the ends of the range, and the two verdicts.
    function score(uint256 seed, uint256 v, uint256 item) internal pure returns (uint32) {
        uint256 x = uint256(keccak256(abi.encode(seed, v, item)));
        uint256 kind = x % 16;
        x >>= 8;
        if (kind == 0) return INVALID;
        if (kind == 1) return ABSTAIN;
        if (kind == 2) return uint32(x % 3);
        if (kind == 3) return uint32(0xfffffffd - x % 2);
        if (kind == 4) return uint32(x % 0xfffffffd);
        return uint32(1_000_000 + x % 20_000);
    }

    function testFuzz_exactlyTheMedian(uint256 seed, uint256 reveals, uint256 item, bool up) public {
        reveals = reveals % 31 + 1;
        for (uint256 v; v < 5; ++v) {
            uint32[] memory s = new uint32[](ITEMS);
            for (uint256 i; i < ITEMS; ++i) s[i] = score(seed, v, i);
            sealAs(task, 0, 0, validator(v), s);
        }
        goTo(task, 0, Phase.Reveal);
        for (uint256 v; v < 5; ++v) {
            if (reveals & (1 << v) != 0) revealOne(task, 0, 0, validator(v));
        }
        goTo(task, 0, Phase.Settle);
        (bytes memory consensus, bytes memory vectors) = evidence(task, 0, 0);
        item %= ITEMS;
        uint32[] memory wrong = Judge.unpack(consensus);
        unchecked {
            wrong[item] = up ? wrong[item] + 1 : wrong[item] - 1;
        }
        vm.expectPartialRevert(NotTheMedian.selector);
        arena.settle(task, 0, 0, Judge.pack(wrong), vectors);
        arena.settle(task, 0, 0, consensus, vectors);
    }
}
