// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Phase, Round, Verdict} from "../src/Types.sol";
import {NoSuchSubmission, BadParameter, NothingToDo, EarlierRoundOpen, NothingToRefund} from "../src/Errors.sol";
import {ABSTAIN, INVALID} from "./helpers/Judge.sol";
import {ThreeEach} from "./helpers/ThreeEach.sol";
import {vm} from "./helpers/Vm.sol";

/// Rounds that cannot be judged, or that nobody wins.
contract VoidRoundsTest is ThreeEach {
    /// The key never comes: the creator's bond pays, stakes are free, the bounty goes back after the last round.
    function test_keyWithheld() public {
        submitAs(task, 0, trainer(0));
        enrollAs(task, 0, validator(0));
        goTo(task, 0, Phase.Open);
        openAs(task, 0, trainer(0));
        goTo(task, 0, Phase.Validate);
        vm.assertEq(phase(task, 0), uint8(Phase.Void), "void");
        vm.expectPartialRevert(EarlierRoundOpen.selector);
        this.closeLater();
        arena.closeVoid(task, 0);
        vm.expectPartialRevert(NothingToDo.selector);
        arena.closeVoid(task, 0);
        arena.payVoid(task, 0, list(0));
        vm.expectPartialRevert(NoSuchSubmission.selector);
        arena.payVoid(task, 0, list(1));
        vm.assertEq(arena.owed(address(token), trainer(0)), 25 * T, "half of half the bond");
        vm.prank(trainer(0));
        arena.unstake(task, uint128(100 * T));
        vm.prank(validator(0));
        arena.unstake(task, uint128(100 * T));
        goTo(task, 1, Phase.Validate);
        arena.closeVoid(task, 1);
        vm.assertEq(arena.owed(address(token), CREATOR), 50 * T, "rest of the bond: nobody was harmed in round 1");
        arena.refund(task, CREATOR);
        vm.assertEq(arena.owed(address(usd), CREATOR), 900 * T, "bounty");
        vm.expectPartialRevert(NothingToRefund.selector);
        arena.refund(task, CREATOR);
        arena.claim(address(usd), CREATOR);
        vm.expectPartialRevert(BadParameter.selector);
        vm.prank(CREATOR);
        arena.fund(task, 1);
    }

    function closeLater() external {
        uint256 time = block.timestamp;
        goTo(task, 1, Phase.Validate);
        vm.warp(time + 400);
        arena.closeVoid(task, 1);
    }

    /// Nobody settles in time: void, and nobody is slashed.
    function test_notSettled() public {
        ready();
        goTo(task, 0, Phase.Dispute);
        vm.assertEq(phase(task, 0), uint8(Phase.Void), "void");
        arena.closeVoid(task, 0);
        vm.assertEq(arena.stakeOf(task, validator(0)).amount, 100 * T, "untouched");
        (Round memory r,,) = arena.roundOf(task, 0);
        vm.assertEq(r.voidShare, 0, "not the creator's fault");
    }

    /// All abstain: no consensus, no winner, the reward rolls over.
    function test_allAbstainAndAllInvalid() public {
        enterAll(task, 0, 2, 2);
        Verdict memory v = judgeAll(task, 0, 2, row(1_000_000, ABSTAIN, INVALID));
        conclude(task, 0, one(v));
        vm.assertEq(arena.stakeOf(task, trainer(0)).amount, 100 * T, "nobody could judge it");
        vm.assertEq(arena.stakeOf(task, trainer(1)).amount, 90 * T, "invalid");
        (Round memory r,,) = arena.roundOf(task, 0);
        vm.assertEq(r.trainerReward, 0, "no winner");
        vm.assertGe(r.validatorReward, 1, "work is paid");
    }

    function test_fundedByOthers() public {
        give(address(0xF0), 0, 100 * T);
        vm.prank(address(0xF0));
        arena.fund(task, uint128(100 * T));
        vm.assertEq(arena.fundedBy(task, address(0xF0)), 100 * T, "remembered");
        goTo(task, 0, Phase.Validate);
        arena.closeVoid(task, 0);
        goTo(task, 1, Phase.Validate);
        arena.closeVoid(task, 1);
        arena.refund(task, address(0xF0));
        vm.assertEq(arena.owed(address(usd), address(0xF0)), 100 * T, "in proportion");
    }
}
