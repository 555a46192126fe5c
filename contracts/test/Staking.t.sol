// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Phase, Role, TaskParams} from "../src/Types.sol";
import "../src/Errors.sol";
import {ThreeEach} from "./helpers/ThreeEach.sol";
import {vm} from "./helpers/Vm.sol";

/// Who may stake, how much, for how long.
contract StakingTest is ThreeEach {
    function test_stakes() public {
        vm.expectRevert(abi.encodeWithSelector(WrongRole.selector, task, trainer(0), Role.Trainer, Role.Validator));
        vm.prank(trainer(0));
        arena.stake(task, Role.Validator, 0, 0, new bytes32[](0));
        vm.expectPartialRevert(BadParameter.selector);
        vm.prank(trainer(0));
        arena.stake(task, Role.Trainer, 0, uint40(block.timestamp + 366 days), new bytes32[](0));
        vm.expectPartialRevert(NoSuchTask.selector);
        arena.stake(9, Role.Trainer, 0, 0, new bytes32[](0));
        vm.expectPartialRevert(StakeTooSmall.selector);
        vm.prank(trainer(0));
        arena.unstake(task, uint128(101 * T));
        vm.prank(trainer(0));
        arena.stake(task, Role.Trainer, 0, uint40(block.timestamp + 90 days), new bytes32[](0));
        vm.expectPartialRevert(StakeLocked.selector);
        vm.prank(trainer(0));
        arena.unstake(task, 1);
        // n * (1 + 2.19 * (90 - 30) / 365), in millionths.
        submitAs(task, 0, trainer(0));
        vm.expectPartialRevert(StakeBusy.selector);
        vm.prank(trainer(0));
        arena.unstake(task, 1);
        goTo(task, 0, Phase.Open);
        openAs(task, 0, trainer(0));
        uint256 left = 90 days - 60;
        uint256 weight = 100e6 + uint256(100e6) * 219 * (left - 30 days) / (100 * 365 days);
        vm.assertEq(arena.submissionOf(task, 0, 0).weight, weight, "lock multiplier");
        vm.assertEq(arena.submissionOf(task, 0, 0).own, 100e6, "own stake");
    }

    /// Less than the minimum, and a lock that may grow but not shrink.
    function test_minimumStake() public {
        address poor = address(0x9009);
        stakeIn(task, poor, Role.Trainer, 9 * T);
        vm.expectRevert(abi.encodeWithSelector(StakeTooSmall.selector, task, poor, 9 * T, 10 * T));
        submitAs(task, 0, poor);
        stakeIn(task, poor, Role.Trainer, T);
        submitAs(task, 0, poor);
        vm.startPrank(poor);
        arena.stake(task, Role.Trainer, 0, uint40(block.timestamp + 60 days), new bytes32[](0));
        arena.stake(task, Role.Trainer, 0, 0, new bytes32[](0));
        vm.stopPrank();
        vm.assertEq(arena.stakeOf(task, poor).lockUntil, block.timestamp + 60 days, "never earlier");
    }

    function test_allowlist() public {
        TaskParams memory p = paramsOf(1);
        bytes32 other = keccak256(abi.encode(trainer(1)));
        bytes32 leaf = keccak256(abi.encode(trainer(0)));
        p.allowlistRoot = other < leaf ? keccak256(abi.encode(other, leaf)) : keccak256(abi.encode(leaf, other));
        uint256 closed = create(p);
        bytes32[] memory proof = new bytes32[](1);
        proof[0] = other;
        give(trainer(0), 0, 0);
        vm.prank(trainer(0));
        arena.stake(closed, Role.Trainer, 0, 0, proof);
        vm.expectRevert(abi.encodeWithSelector(NotAllowed.selector, closed, trainer(2)));
        vm.prank(trainer(2));
        arena.stake(closed, Role.Trainer, 0, 0, proof);
        vm.expectPartialRevert(NotCreator.selector);
        arena.liftAllowlist(closed);
        vm.prank(CREATOR);
        arena.liftAllowlist(closed);
        vm.prank(trainer(2));
        arena.stake(closed, Role.Trainer, 0, 0, new bytes32[](0));
    }
}
