// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {TestToken} from "../../src/testing/TestToken.sol";
import {symbolic} from "./Cheats.sol";
import {AnyArena, VaultHarness} from "./VaultHarness.sol";

/// What proofs about a delegation vault begin with: one that has put its stake into one task, and a token with any balances.
abstract contract AnyVault {
    address internal constant HOLDER = address(0xA1);
    address internal constant OTHERS = address(0xB1);
    TestToken internal token;
    AnyArena internal arena;
    VaultHarness internal vault;

    function setUp() public {
        token = new TestToken("", "", 0);
        arena = new AnyArena(address(token));
        vault = new VaultHarness(arena);
        vault.back(0, 0);
        symbolic.enableSymbolicStorage(address(token));
    }
}
