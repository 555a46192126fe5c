// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ThreeEach} from "./helpers/ThreeEach.sol";
import {vm} from "./helpers/Vm.sol";

/// What pages read.
contract ReadsTest is ThreeEach {
    function test_reads() public {
        ready();
        vm.assertEq(arena.enrolmentOf(task, 0, 1).validator, validator(1), "enrolled");
        vm.assertEq(arena.commitmentOf(task, 0, trainer(2)), 3, "opened: the order alone");
        vm.assertEq(arena.scoresOf(task, 0, validator(0)) & 1, 1, "revealed");
        vm.assertEq(arena.recordOf(task, 0, 0), 0, "not settled");
        settleBatch(task, 0, 0);
        vm.assertTrue(arena.recordOf(task, 0, 0) != 0, "settled");
        vm.assertEq(arena.bountyTokenOf(task), address(usd), "bounty's token");
        vm.assertEq(arena.vaultOf(trainer(0)), address(0), "no vault");
        vm.assertEq(arena.disputeOf(task, 0, 0, 1).disputer, address(0), "no dispute");
        vm.assertEq(arena.jurorOf(task, 0, 0, 1, 0).juror, address(0), "no juror");
        vm.assertTrue(!arena.hasEnded(task), "running");
        vm.assertTrue(arena.backOffice() != address(0), "made of two");
    }
}
