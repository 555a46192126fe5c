// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Phase, Reason, Role, Round, Verdict} from "../src/Types.sol";
import "../src/Errors.sol";
import {Disputing} from "./helpers/Disputing.sol";
import {ABSTAIN, INVALID} from "./helpers/Judge.sol";
import {vm} from "./helpers/Vm.sol";

/// A committee that errs or lies, and the jury that corrects it, or not.
contract DisputesTest is Disputing {
    function setUp() public override {
        super.setUp();
        task = create(paramsOf(2));
        for (uint256 i; i < 2; ++i) stakeIn(task, trainer(i), Role.Trainer, 100 * T);
        // 0 and 1 collude and outweigh 2; 3 to 5 did not enroll and are the jury with 2.
        for (uint256 i; i < 6; ++i) stakeIn(task, validator(i), Role.Validator, 100 * T);
        enterAll(task, 0, 2, 3);
        give(DISPUTER, 100 * T, 0);
    }

    function judged(uint32[] memory lie, uint32[] memory truth) internal {
        sealAs(task, 0, 0, validator(0), lie);
        sealAs(task, 0, 0, validator(1), lie);
        sealAs(task, 0, 0, validator(2), truth);
        revealAll(task, 0, 3);
        settleNow();
    }

    /// The committee calls submission 0 useless; the jury knows better.
    function test_upheld() public {
        judged(row(1_000_000, 1_000_000, 900_000), row(1_000_000, 800_000, 900_000));
        open_(1);
        juryPhase(0);
        vm.assertEq(phase(task, 0), uint8(Phase.Dispute), "the jury has its time");
        vm.assertEq(uint8(arena.juryPhaseOf(task, 0)), uint8(Phase.Validate), "jury seals");
        for (uint256 i; i < 4; ++i) jurySeal(1, i, validator(2 + i), i == 3 ? 990_000 : 800_000);
        juryPhase(1);
        for (uint256 i; i < 4; ++i) juryReveal(1, i, validator(2 + i), i == 3 ? 990_000 : 800_000);
        juryPhase(2);
        vm.expectRevert(abi.encodeWithSelector(NotTheMedian.selector, 1, 800_001));
        count(1, 800_001);
        vm.expectRevert(abi.encodeWithSelector(NotTheMedian.selector, 1, 799_999));
        count(1, 799_999);
        count(1, 800_000);
        // 10 % of 100 each from 0 and 1; half burned, 5 to the disputer, 5 to three agreeing jurors; the fourth pays 5 %.
        vm.assertEq(arena.stakeOf(task, validator(0)).amount, 90 * T, "liar");
        vm.assertEq(arena.stakeOf(task, validator(1)).amount, 90 * T, "liar");
        vm.assertEq(arena.stakeOf(task, validator(2)).amount, 100 * T, "honest");
        vm.assertEq(arena.stakeOf(task, validator(5)).amount, 95 * T, "deviant juror");
        vm.assertEq(arena.owed(address(token), DISPUTER), 25 * T, "bond and share");
        vm.assertEq(arena.owed(address(token), validator(3)), 5 * T / 3, "juror");
        juryPhase(3);
        vm.assertEq(phase(task, 0), uint8(Phase.Final), "final");
        // With the correction submission 0 is first. Without it, it had no rank.
        vm.expectRevert(abi.encodeWithSelector(OutOfOrder.selector, 0));
        arena.rank(task, 0, one(verdict), list(1, 0), new uint256[](0));
        arena.rank(task, 0, one(verdict), list(0, 1), new uint256[](0));
        vm.assertEq(arena.rankOf(task, 0, 0), 1, "corrected rank");
        arena.payTrainers(task, 0, list(0, 1));
        arena.payValidators(task, 0, 0, verdict);
        vm.expectPartialRevert(NoSuchDispute.selector);
        arena.lapse(task, 0, 0, 1);
    }

    /// A member found wrong is not only slashed: it is not paid either, and what it would have had is the others'.
    function test_wrongMembersAreNotPaid() public {
        judged(row(1_000_000, 1_000_000, 900_000), row(1_000_000, 800_000, 900_000));
        (Round memory before,,) = arena.roundOf(task, 0);
        uint256 weight = verdict.results[0] >> 8;
        vm.assertGe(weight, 1, "would have been paid");
        uphold(1, 800_000);
        (Round memory after_,,) = arena.roundOf(task, 0);
        vm.assertEq(after_.validatorPay, before.validatorPay - 2 * weight, "both weights are gone");
        juryPhase(3);
        arena.rank(task, 0, one(verdict), list(0, 1), new uint256[](0));
        arena.payValidators(task, 0, 0, verdict);
        (after_,,) = arena.roundOf(task, 0);
        vm.assertEq(arena.owed(address(usd), validator(0)), 0, "wrong");
        vm.assertEq(arena.owed(address(usd), validator(1)), 0, "wrong");
        vm.assertApproxEqAbs(arena.owed(address(usd), validator(2)), after_.validatorReward, 1, "all of it to who was right");
        vm.assertGe(after_.trainerReward, 1, "trainers are paid");
    }

    /// Found wrong on two items: two slashes, but pay is lost once.
    function test_wrongTwice() public {
        judged(row(1_000_000, 1_000_000, 1_000_000), row(1_000_000, 800_000, 900_000));
        open_(1);
        open_(2);
        hear(row(0, 800_000, 900_000));
        count(1, 800_000);
        (Round memory once,,) = arena.roundOf(task, 0);
        count(2, 900_000);
        (Round memory twice,,) = arena.roundOf(task, 0);
        vm.assertEq(once.validatorPay, twice.validatorPay, "pay is lost once");
        vm.assertEq(arena.stakeOf(task, validator(0)).amount, 80 * T, "each lie costs");
        // Validator 2 stood alone, a deviant by its committee's count; the jury pardons it.
        juryPhase(3);
        arena.rank(task, 0, one(verdict), list(0, 1), new uint256[](0));
        vm.assertEq(arena.stakeOf(task, validator(2)).amount, 100 * T, "pardoned");
        vm.assertGe(twice.validatorPay + 1, 1, "the round ends");
        arena.payTrainers(task, 0, list(0, 1));
        arena.payValidators(task, 0, 0, verdict);
        vm.assertTrue(arena.isDone(task, 0), "done");
        vm.assertGe(arena.owed(address(usd), trainer(0)), 1, "trainers are paid although no member is");
    }

    /// The rows are not the committed ones, the committee said they were: the jury ends the round void.
    function test_upheldShardMismatch() public {
        judged(row(1_000_000, 800_000, 900_000), row(INVALID, 800_000, 900_000));
        uphold(0, INVALID);
        juryPhase(3);
        vm.assertEq(phase(task, 0), uint8(Phase.Void), "void");
        arena.closeVoid(task, 0);
        arena.payVoid(task, 0, list(0, 1));
        vm.assertGe(arena.owed(address(token), trainer(0)), 12 * T, "the creator pays");
    }

    /// Members who abstained, or did not reveal, are neither right nor wrong.
    function test_abstainersStandAside() public {
        sealAs(task, 0, 0, validator(0), row(1_000_000, 1_000_000, 900_000));
        sealAs(task, 0, 0, validator(1), row(1_000_000, ABSTAIN, 900_000));
        sealAs(task, 0, 0, validator(2), row(1_000_000, 800_000, 900_000));
        revealAll(task, 0, 2);
        settleNow();
        uphold(1, 800_000);
        vm.assertEq(arena.stakeOf(task, validator(0)).amount, 90 * T, "wrong");
        vm.assertEq(arena.stakeOf(task, validator(1)).amount, 100 * T, "abstained");
        vm.assertEq(arena.stakeOf(task, validator(2)).amount, 100 * T, "did not reveal: not the jury's business");
    }

    function test_upheldBaseFreesCreator() public {
        judged(row(INVALID, 800_000, 900_000), row(1_000_000, 800_000, 900_000));
        uphold(0, 1_000_000);
        juryPhase(3);
        vm.assertEq(phase(task, 0), uint8(Phase.Final), "not void");
        // Validator 2 stood against two thirds of the stake; the jury pardons it.
        arena.rank(task, 0, one(verdict), list(0, 1), new uint256[](0));
        vm.assertEq(arena.stakeOf(task, validator(2)).amount, 100 * T, "pardoned");
        vm.assertEq(arena.owed(address(token), CREATOR), 0, "bond still held: one more round");
    }

    function test_undisturbedShardMismatchIsVoid() public {
        judged(row(INVALID, 800_000, 900_000), row(INVALID, 800_000, 900_000));
        vm.assertEq(phase(task, 0), uint8(Phase.Dispute), "may be disputed");
        juryPhase(0);
        vm.assertEq(phase(task, 0), uint8(Phase.Void), "void");
        arena.closeVoid(task, 0);
        arena.payVoid(task, 0, list(0, 1));
        vm.assertEq(arena.owed(address(token), trainer(0)), 12.5e18, "50 % of 100, half of it to two");
        vm.expectPartialRevert(AlreadyPaid.selector);
        arena.payVoid(task, 0, list(0));
    }

    function test_lost() public {
        judged(row(1_000_000, 800_000, 900_000), row(1_000_000, 800_000, 900_000));
        open_(2);
        vm.expectPartialRevert(AlreadyDisputed.selector);
        vm.prank(DISPUTER);
        arena.dispute(task, 0, 0, 2);
        juryPhase(0);
        vm.expectPartialRevert(WrongJuryPhase.selector);
        vm.prank(DISPUTER);
        arena.dispute(task, 0, 0, 1);
        for (uint256 i; i < 3; ++i) jurySeal(2, i, validator(2 + i), 900_100);
        jurySeal(2, 0, validator(2), 900_200);
        vm.expectPartialRevert(NotAJuror.selector);
        jurySeal(2, 3, validator(2), 900_200);
        juryPhase(1);
        juryReveal(2, 0, validator(2), 900_200);
        juryReveal(2, 1, validator(3), 900_100);
        vm.expectPartialRevert(SealMismatch.selector);
        juryReveal(2, 2, validator(4), 900_101);
        vm.expectPartialRevert(NotAJuror.selector);
        juryReveal(2, 0, validator(4), 900_100);
        vm.expectPartialRevert(WrongJuryPhase.selector);
        count(2, 900_100);
        juryPhase(2);
        count(2, 900_100);
        vm.assertEq(arena.owed(address(token), validator(2)), 5 * T, "half of the bond to two jurors");
        vm.assertEq(arena.owed(address(token), validator(3)), 5 * T, "half of the bond to two jurors");
        vm.assertEq(arena.stakeOf(task, validator(4)).amount, 90 * T, "juror who did not reveal");
        vm.assertEq(arena.owed(address(token), DISPUTER), 0, "bond lost");
        vm.expectPartialRevert(NoSuchDispute.selector);
        count(2, 900_100);
    }

    /// A jury lighter than the committee changes nothing.
    function test_lightJury() public {
        judged(row(1_000_000, 1_000_000, 900_000), row(1_000_000, 800_000, 900_000));
        open_(1);
        juryPhase(0);
        for (uint256 i; i < 2; ++i) jurySeal(1, i, validator(2 + i), 800_000);
        juryPhase(1);
        for (uint256 i; i < 2; ++i) juryReveal(1, i, validator(2 + i), 800_000);
        juryPhase(2);
        count(1, 800_000);
        (Round memory r,,) = arena.roundOf(task, 0);
        vm.assertEq(r.upheld, 0, "not upheld");
    }

    /// The largest jury: one more is refused, and counting it still fits what a chain takes for one transaction (EIP-7825).
    function test_fullJury() public {
        judged(row(1_000_000, 1_000_000, 900_000), row(1_000_000, 800_000, 900_000));
        open_(1);
        juryPhase(0);
        for (uint256 i; i < 256; ++i) {
            stakeIn(task, validator(100 + i), Role.Validator, 20 * T);
            jurySeal(1, i, validator(100 + i), 800_000);
        }
        stakeIn(task, validator(99), Role.Validator, 20 * T);
        vm.expectRevert(abi.encodeWithSelector(JuryFull.selector, 256));
        jurySeal(1, 256, validator(99), 800_000);
        juryPhase(1);
        for (uint256 i; i < 256; ++i) juryReveal(1, i, validator(100 + i), 800_000);
        juryPhase(2);
        count(1, 800_000);
        vm.assertLe(vm.lastCallGas().gasTotalUsed, 1 << 24, "counts in one transaction");
        vm.assertEq(arena.owed(address(token), validator(100)), 5 * T / 256, "a 256th of the jury's part");
    }

    function test_lapsed() public {
        judged(row(1_000_000, 1_000_000, 900_000), row(1_000_000, 800_000, 900_000));
        open_(1);
        juryPhase(2);
        vm.expectPartialRevert(NotTheMedian.selector);
        count(1, 800_000);
        vm.expectPartialRevert(WrongJuryPhase.selector);
        arena.lapse(task, 0, 0, 1);
        juryPhase(3);
        arena.lapse(task, 0, 0, 1);
        vm.assertEq(arena.owed(address(token), address(0xdEaD)), 20 * T, "bond burned");
    }

    function test_emptyJury() public {
        judged(row(1_000_000, 1_000_000, 900_000), row(1_000_000, 800_000, 900_000));
        open_(1);
        juryPhase(2);
        count(1, ABSTAIN);
        vm.assertEq(arena.owed(address(token), address(0xdEaD)), 20 * T, "nobody to pay");
    }

    function test_badEvidence() public {
        judged(row(1_000_000, 1_000_000, 900_000), row(1_000_000, 800_000, 900_000));
        vm.expectPartialRevert(NoSuchBatch.selector);
        open_(3);
        open_(1);
        hear(row(0, 800_000));
        bytes memory wrong = vectors;
        wrong[7] ^= 0x01;
        vm.expectPartialRevert(VectorMismatch.selector);
        arena.resolve(task, 0, 0, 1, 800_000, verdict, wrong);
        vm.expectPartialRevert(BadLength.selector);
        arena.resolve(task, 0, 0, 1, 800_000, verdict, "");
        Verdict memory v = verdict;
        v.results[0] = 1;
        vm.expectPartialRevert(RecordMismatch.selector);
        arena.resolve(task, 0, 0, 1, 800_000, v, vectors);
    }
}
