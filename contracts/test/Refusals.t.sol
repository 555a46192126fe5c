// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Phase, Role, TaskParams} from "../src/Types.sol";
import "../src/Errors.sol";
import {ThreeEach} from "./helpers/ThreeEach.sol";
import {vm} from "./helpers/Vm.sol";

/// Calls out of their phase, and about what does not exist.
contract RefusalsTest is ThreeEach {
    function test_wrongPhases() public {
        vm.expectRevert(abi.encodeWithSelector(WrongPhase.selector, task, 1, Phase.Pending, Phase.Submit));
        vm.prank(trainer(0));
        arena.submit(task, 1, "c");
        vm.expectRevert(abi.encodeWithSelector(NoSuchRound.selector, task, 2));
        vm.prank(trainer(0));
        arena.submit(task, 2, "c");
        submitAs(task, 0, trainer(0));
        vm.expectRevert(abi.encodeWithSelector(WrongPhase.selector, task, 0, Phase.Submit, Phase.Open));
        vm.prank(trainer(0));
        arena.open(task, 0, "a", "salt");
        enrollAs(task, 0, validator(0));
        vm.expectPartialRevert(AlreadyEnrolled.selector);
        vm.prank(validator(0));
        arena.enroll(task, 0);
        goTo(task, 0, Phase.Open);
        vm.expectPartialRevert(CommitmentMismatch.selector);
        vm.prank(trainer(0));
        arena.open(task, 0, "a", "salt");
        openAs(task, 0, trainer(0));
        vm.expectPartialRevert(CommitmentMismatch.selector);
        vm.prank(trainer(0));
        arena.open(task, 0, digestOf(trainer(0)), "salt");
        vm.expectPartialRevert(KeyMismatch.selector);
        arena.revealKey(task, 0, "wrong");
        arena.revealKey(task, 0, KEY);
        vm.expectPartialRevert(KeyAlreadyRevealed.selector);
        arena.revealKey(task, 0, KEY);
        goTo(task, 0, Phase.Validate);
        vm.expectPartialRevert(NotEnrolled.selector);
        vm.prank(validator(1));
        arena.seal(task, 0, "s");
        vm.expectPartialRevert(WrongPhase.selector);
        vm.prank(validator(1));
        arena.enroll(task, 0);
        sealAs(task, 0, 0, validator(0), row(1_000_000, 900_000));
        goTo(task, 0, Phase.Reveal);
        vm.expectPartialRevert(WrongPhase.selector);
        vm.prank(validator(0));
        arena.seal(task, 0, "s");
        bytes memory good = vectorOf[0][validator(0)];
        vectorOf[0][validator(0)] = hex"000f4240000dbba1";
        vm.expectPartialRevert(SealMismatch.selector);
        this.reveal_(0, validator(0));
        vectorOf[0][validator(0)] = hex"00";
        vm.expectPartialRevert(BadLength.selector);
        this.reveal_(0, validator(0));
        vectorOf[0][validator(0)] = good;
        vm.expectPartialRevert(NoSuchBatch.selector);
        this.reveal_(1, validator(0));
        revealOne(task, 0, 0, validator(0));
        vm.expectPartialRevert(SealMismatch.selector);
        this.reveal_(0, validator(0));
    }

    function reveal_(uint256 batch, address who) external {
        revealOne(task, 0, batch, who);
    }

    function test_noSuchThings() public {
        vm.expectRevert(abi.encodeWithSelector(NoSuchTask.selector, 9));
        arena.fund(9, 1);
        vm.expectRevert(abi.encodeWithSelector(NoSuchRound.selector, 9, 0));
        arena.currentRound(9);
        vm.expectPartialRevert(BadParameter.selector);
        arena.stake(task, Role.None, 0, 0, new bytes32[](0));
        vm.expectRevert(abi.encodeWithSelector(WrongRole.selector, task, validator(0), Role.Validator, Role.Trainer));
        submitAs(task, 0, validator(0));
        vm.assertEq(arena.currentRound(task), 0, "now");
        goTo(task, 1, Phase.Submit);
        vm.assertEq(arena.currentRound(task), 1, "the second");
        goTo(task, 1, Phase.Final);
        vm.assertEq(arena.currentRound(task), 1, "after the end the last");
        TaskParams memory p = paramsOf(1);
        p.clock.start = uint40(block.timestamp + 50);
        vm.assertEq(arena.currentRound(create(p)), 0, "before the start the first");
        (bool ok,) = address(arena).call(hex"deadbeef");
        vm.assertTrue(!ok, "no such function");
    }
}
