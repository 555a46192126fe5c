// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Clock, Phase, Role, Round, Rules, TaskParams, Verdict} from "../src/Types.sol";
import "../src/Errors.sol";
import {Clocks} from "../src/libraries/Clocks.sol";
import {Committees} from "../src/libraries/Committees.sol";
import {ABSTAIN, INVALID, Judge} from "./helpers/Judge.sol";
import {World} from "./helpers/World.sol";
import {vm} from "./helpers/Vm.sol";

/// Nobody, one, equals; the first and last second of each phase; the largest batches.
contract LimitsTest is World {
    uint256 internal task;

    function people(TaskParams memory p, uint256 trainers, uint256 validators) internal {
        task = create(p);
        for (uint256 i; i < trainers; ++i) stakeIn(task, trainer(i), Role.Trainer, 100 * T);
        for (uint256 i; i < validators; ++i) stakeIn(task, validator(i), Role.Validator, 100 * T);
    }

    /// Nobody comes: void, nobody is to blame, the bounty and the bond go back.
    function test_nobody() public {
        people(paramsOf(1), 0, 0);
        goTo(task, 0, Phase.Open);
        arena.revealKey(task, 0, KEY);
        goTo(task, 0, Phase.Validate);
        arena.closeVoid(task, 0);
        arena.refund(task, CREATOR);
        vm.assertEq(arena.owed(address(usd), CREATOR), 900 * T, "bounty");
        vm.assertEq(arena.owed(address(token), CREATOR), 100 * T, "bond");
    }

    /// Trainers alone: void, no slash, stakes are free.
    function test_noValidator() public {
        people(paramsOf(1), 1, 0);
        enterAll(task, 0, 1, 0);
        vm.assertEq(phase(task, 0), uint8(Phase.Void), "void");
        arena.closeVoid(task, 0);
        vm.assertEq(arena.owed(address(token), CREATOR), 100 * T, "bond");
        vm.prank(trainer(0));
        arena.unstake(task, uint128(100 * T));
    }

    /// One trainer and one validator are a round.
    function test_oneEach() public {
        people(paramsOf(1), 1, 1);
        enterAll(task, 0, 1, 1);
        conclude(task, 0, one(judgeAll(task, 0, 1, row(1_000_000, 900_000))));
        // gamma 0.1 each, the rest by stake: 100 and 100.
        vm.assertEq(arena.owed(address(usd), trainer(0)), 450 * T, "half");
        vm.assertEq(arena.owed(address(usd), validator(0)), 450 * T, "half");
    }

    /// Equal scores go by order of commitment; the later trainer commits again and is later still.
    function test_ties() public {
        people(paramsOf(1), 3, 1);
        enterTies();
        Verdict memory v = judgeAll(task, 0, 1, row(1_000_000, 800_000, 800_001, 800_000));
        // 800,000 and 800,001 lie in one cell of 2,000. Trainer 0 committed again, after both others.
        vm.expectPartialRevert(OutOfOrder.selector);
        arena.rank(task, 0, one(v), order3(0, 1, 2), new uint256[](0));
        arena.rank(task, 0, one(v), order3(1, 2, 0), new uint256[](0));
        vm.assertEq(arena.rankOf(task, 0, 1), 1, "first to commit");
        vm.assertEq(arena.rankOf(task, 0, 0), 3, "last to commit");
    }

    function enterTies() internal {
        for (uint256 i; i < 3; ++i) submitAs(task, 0, trainer(i));
        submitAs(task, 0, trainer(0));
        enrollAs(task, 0, validator(0));
        goTo(task, 0, Phase.Open);
        for (uint256 i; i < 3; ++i) openAs(task, 0, trainer(i));
        arena.revealKey(task, 0, KEY);
        goTo(task, 0, Phase.Validate);
    }

    function order3(uint256 a, uint256 b, uint256 c) internal pure returns (uint256[] memory l) {
        l = new uint256[](3);
        (l[0], l[1], l[2]) = (a, b, c);
    }

    /// Where eta times the base is less than a millionth of a bit per byte, the grid's step is one.
    function test_finestGrid() public {
        people(paramsOf(1), 2, 1);
        enterAll(task, 0, 2, 1);
        Verdict memory v = judgeAll(task, 0, 1, row(100, 99, 100));
        vm.expectRevert(abi.encodeWithSelector(NotAWinner.selector, 1));
        arena.rank(task, 0, one(v), list(0, 1), new uint256[](0));
        arena.rank(task, 0, one(v), list(0), new uint256[](0));
        vm.assertEq(arena.rankOf(task, 0, 0), 1, "one unit better");
    }

    /// Stake in rewards by its root: 100 against 400 tokens, ranks one and two at q = 0.6, come to 10 : 20 * 0.6.
    function test_rootOfStake() public {
        TaskParams memory p = paramsOf(1);
        p.rules.alpha = 0.5e18;
        people(p, 1, 1);
        stakeIn(task, trainer(1), Role.Trainer, 400 * T);
        enterAll(task, 0, 2, 1);
        conclude(task, 0, one(judgeAll(task, 0, 1, row(1_000_000, 800_000, 900_000))));
        uint256 first = arena.owed(address(usd), trainer(0));
        vm.assertGe(first, T, "paid");
        vm.assertApproxEqAbs(first * 12, arena.owed(address(usd), trainer(1)) * 10, first / 1e15, "10 : 12");
    }

    /// As many salts as validators, and as many scores.
    function test_revealLengths() public {
        people(paramsOf(1), 1, 1);
        enterAll(task, 0, 1, 1);
        sealAs(task, 0, 0, validator(0), row(1_000_000, 900_000));
        goTo(task, 0, Phase.Reveal);
        address[] memory who = new address[](1);
        who[0] = validator(0);
        bytes memory vector = vectorOf[0][who[0]];
        vm.expectRevert(abi.encodeWithSelector(BadLength.selector, 0, 1));
        arena.reveal(task, 0, 0, who, new bytes32[](0), vector);
        vm.expectRevert(abi.encodeWithSelector(BadLength.selector, 9, 8));
        arena.reveal(task, 0, 0, who, new bytes32[](1), bytes.concat(vector, "x"));
    }

    function test_allInvalid() public {
        people(paramsOf(1), 2, 3);
        enterAll(task, 0, 2, 3);
        Verdict memory v = judgeAll(task, 0, 3, row(1_000_000, INVALID, INVALID));
        conclude(task, 0, one(v));
        for (uint256 i; i < 2; ++i) vm.assertEq(arena.stakeOf(task, trainer(i)).amount, 90 * T, "slashed");
        for (uint256 i; i < 3; ++i) {
            vm.assertApproxEqAbs(arena.owed(address(token), validator(i)), uint256(10 * T) / 3, 2, "half of the slashes");
            vm.assertGe(arena.owed(address(usd), validator(i)), 1, "paid for work");
        }
        arena.refund(task, CREATOR);
        vm.assertGe(arena.owed(address(usd), CREATOR), 1, "no winner: the trainers' part goes back");
    }

    function test_allAbstain() public {
        people(paramsOf(1), 2, 3);
        enterAll(task, 0, 2, 3);
        conclude(task, 0, one(judgeAll(task, 0, 3, row(ABSTAIN, ABSTAIN, ABSTAIN))));
        for (uint256 i; i < 2; ++i) vm.assertEq(arena.stakeOf(task, trainer(i)).amount, 100 * T, "untouched");
        for (uint256 i; i < 3; ++i) {
            vm.assertEq(arena.stakeOf(task, validator(i)).amount, 100 * T, "untouched");
            vm.assertEq(arena.owed(address(usd), validator(i)), 0, "nothing said, nothing earned");
        }
        arena.refund(task, CREATOR);
        vm.assertEq(arena.owed(address(usd), CREATOR), 900 * T, "all goes back");
    }

    /// Fewer reveal than the quorum: no consensus but ABSTAIN passes.
    function test_belowQuorum() public {
        TaskParams memory p = paramsOf(1);
        p.rules.quorum = 3;
        people(p, 1, 3);
        enterAll(task, 0, 1, 3);
        sealAll(task, 0, 3, row(1_000_000, 900_000));
        revealAll(task, 0, 2);
        (, bytes memory vectors) = evidence(task, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(NotTheMedian.selector, 0, 1_000_000));
        arena.settle(task, 0, 0, Judge.pack(row(1_000_000, 900_000)), vectors);
        Verdict memory v = settleBatch(task, 0, 0);
        vm.assertEq(v.consensus, Judge.pack(row(ABSTAIN, ABSTAIN)), "no judgement");
        goTo(task, 0, Phase.Final);
        conclude(task, 0, one(v));
        vm.assertEq(arena.stakeOf(task, validator(2)).amount, 90 * T, "who sealed and kept it pays all the same");
        vm.assertEq(arena.owed(address(token), address(0xdEaD)), 10 * T, "nobody to share it: burned");
    }

    /// A stake that the last round's slash made nothing weighs nothing, and where nobody reveals either there is no stake at
    /// all to share by: the round still ends, and its reward rolls over.
    function test_noStakeLeft() public {
        uint256 unit = arena.weightUnit();
        TaskParams memory p = paramsOf(3);
        p.trainerMinStake = uint128(unit);
        p.rules.slashInvalid = 5000;
        p.rules.slashNotRevealed = 0;
        people(p, 0, 1);
        stakeIn(task, trainer(0), Role.Trainer, unit);
        enterAll(task, 0, 1, 1);
        Verdict memory v = judgeAll(task, 0, 1, row(1_000_000, INVALID));
        submitAs(task, 1, trainer(0));
        enrollAs(task, 1, validator(0));
        conclude(task, 0, one(v));
        goTo(task, 1, Phase.Open);
        openAs(task, 1, trainer(0));
        arena.revealKey(task, 1, KEY);
        vm.assertEq(arena.submissionOf(task, 1, 0).own, 0, "half a unit counts as none");
        goTo(task, 1, Phase.Settle);
        v = settleBatch(task, 1, 0);
        goTo(task, 1, Phase.Final);
        conclude(task, 1, one(v));
        (Round memory r,,) = arena.roundOf(task, 1);
        vm.assertTrue(r.done, "done");
        vm.assertEq(r.trainerReward + r.validatorReward, 0, "nobody to give it to");
    }

    function endOf(uint256 round, Phase p) internal view returns (uint256) {
        (, Clock memory c,) = arena.taskOf(task);
        return Clocks.endOf(c, round, p);
    }

    /// Each phase takes its calls in its first and in its last second, and in the seconds beside them none.
    function test_exactDeadlines() public {
        TaskParams memory p = paramsOf(1);
        p.clock.start = uint40(block.timestamp + 100);
        people(p, 2, 2);
        vm.warp(endOf(0, Phase.Pending) - 1);
        refusedIn(Phase.Pending, Phase.Submit, trainer(0), abi.encodeCall(arena.submit, (task, 0, "c")));
        vm.warp(endOf(0, Phase.Pending));
        submitAs(task, 0, trainer(0));
        enrollAs(task, 0, validator(0));
        vm.warp(endOf(0, Phase.Submit) - 1);
        submitAs(task, 0, trainer(1));
        refusedIn(Phase.Submit, Phase.Open, address(1), abi.encodeCall(arena.revealKey, (task, 0, KEY)));
        vm.warp(endOf(0, Phase.Submit));
        refusedIn(Phase.Open, Phase.Submit, trainer(0), abi.encodeCall(arena.submit, (task, 0, "c")));
        openAs(task, 0, trainer(0));
        vm.warp(endOf(0, Phase.Open) - 1);
        openAs(task, 0, trainer(1));
        enrollAs(task, 0, validator(1));
        arena.revealKey(task, 0, KEY);
        refusedIn(Phase.Open, Phase.Validate, validator(0), abi.encodeCall(arena.seal, (task, 0, "s")));
        vm.warp(endOf(0, Phase.Open));
        sealAs(task, 0, 0, validator(0), row(1_000_000, 800_000, 900_000));
        vm.warp(endOf(0, Phase.Validate) - 1);
        sealAs(task, 0, 0, validator(1), row(1_000_000, 800_000, 900_000));
        vm.expectPartialRevert(WrongPhase.selector);
        this.revealNow(validator(0));
        vm.warp(endOf(0, Phase.Validate));
        refusedIn(Phase.Reveal, Phase.Validate, validator(0), abi.encodeCall(arena.seal, (task, 0, "s")));
        revealOne(task, 0, 0, validator(0));
        vm.warp(endOf(0, Phase.Reveal) - 1);
        revealOne(task, 0, 0, validator(1));
        (bytes memory consensus, bytes memory vectors) = evidence(task, 0, 0);
        refusedIn(Phase.Reveal, Phase.Settle, address(1), abi.encodeCall(arena.settle, (task, 0, 0, consensus, vectors)));
        settleAtTheEdge(consensus, vectors);
    }

    function settleAtTheEdge(bytes memory consensus, bytes memory vectors) internal {
        vm.warp(endOf(0, Phase.Settle));
        vm.expectPartialRevert(WrongPhase.selector);
        arena.settle(task, 0, 0, consensus, vectors);
        vm.warp(endOf(0, Phase.Settle) - 1);
        Verdict memory v = settleWith(task, 0, 0, consensus, vectors);
        vm.warp(endOf(0, Phase.Dispute) - 1);
        refusedIn(
            Phase.Dispute, Phase.Final, address(1), abi.encodeCall(arena.rank, (task, 0, one(v), list(0, 1), new uint256[](0)))
        );
        uint256 before = vm.snapshotState();
        give(address(0xD1), 100 * T, 0);
        vm.prank(address(0xD1));
        arena.dispute(task, 0, 0, 1);
        vm.assertTrue(vm.revertToState(before), "back");
        vm.warp(endOf(0, Phase.Dispute));
        vm.expectPartialRevert(WrongPhase.selector);
        vm.prank(address(0xD1));
        arena.dispute(task, 0, 0, 1);
        arena.rank(task, 0, one(v), list(0, 1), new uint256[](0));
    }

    function refusedIn(Phase actual, Phase needed, address who, bytes memory data) internal {
        vm.prank(who);
        (bool ok, bytes memory why) = address(arena).call(data);
        vm.assertTrue(!ok, "too early or too late");
        vm.assertEq(why, abi.encodeWithSelector(WrongPhase.selector, task, 0, actual, needed), "for its phase");
    }

    function revealNow(address who) external {
        revealOne(task, 0, 0, who);
    }

    /// A task that could not be settled in one transaction is not made.
    function test_batchesThatFit() public {
        TaskParams memory p = paramsOf(1);
        give(CREATOR, p.bond, p.bounty);
        p.rules.committeeSize = 256;
        p.rules.batchSize = 51;
        vm.expectRevert(abi.encodeWithSelector(BadParameter.selector, bytes32("batchSize"), 51));
        vm.prank(CREATOR);
        arena.createTask(p);
        p.rules.batchSize = 50;
        vm.prank(CREATOR);
        arena.createTask(p);
    }

    /// A round takes as many submissions as its validators can judge.
    function test_roundFull() public {
        TaskParams memory p = paramsOf(1);
        p.rules.committeeSize = 256;
        p.rules.batchSize = 50;
        people(p, 56, 1);
        for (uint256 i; i < 56; ++i) submitAs(task, 0, trainer(i));
        goTo(task, 0, Phase.Open);
        for (uint256 i; i < 50; ++i) openAs(task, 0, trainer(i));
        vm.expectRevert(abi.encodeWithSelector(RoundFull.selector, task, 0, 50));
        this.openNow(50);
        vm.assertEq(arena.batchCount(task, 0), 1, "one batch");
    }

    function openNow(uint256 i) external {
        openAs(task, 0, trainer(i));
    }

    /// Whatever n, m, c and s: no batch is larger than its committee can settle, and all submissions are in one.
    function testFuzz_batchesFit(uint256 n, uint256 m, uint256 c, uint256 s) public pure {
        c = within(c, 1, 256);
        n = within(n, 1, 5000);
        s = within(s, 1, Committees.batchCapacity(c));
        m = within(m, 1, Committees.capacity(n, c));
        uint256 count = Committees.batches(n, m, c, s);
        vm.assertLe(count * Committees.size(n, c), Committees.MAX_DEALT, "dealt in");
        uint256 next;
        for (uint256 b; b < count; ++b) {
            (uint256 from, uint256 to) = Committees.range(b, count, m);
            vm.assertEq(from, next, "no gap");
            vm.assertLe((to - from) * Committees.size(n, c), Committees.MAX_SCORES, "fits a transaction");
            vm.assertLe(to - from, Committees.MAX_BATCH, "fits the sums");
            next = to;
        }
        vm.assertEq(next, m, "all of them");
    }

    /// More validators never make room less, so what was opened stays judged.
    function testFuzz_roomGrows(uint256 n, uint256 more, uint256 c) public pure {
        c = within(c, 1, 256);
        n = within(n, 0, 5000);
        more = within(more, n, 5000);
        vm.assertLe(Committees.capacity(n, c), Committees.capacity(more, c), "room");
    }
}
