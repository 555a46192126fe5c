// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Phase, Role, TaskParams} from "../../src/Types.sol";
import {TestToken} from "../../src/testing/TestToken.sol";
import {Procedures} from "./Procedures.sol";
import {vm} from "./Vm.sol";

/// What people do. Lie is a settlement with a wrong consensus or with wrong vectors, and succeeds when it is refused.
enum Act {
    Wait,
    Fund,
    Stake,
    Unstake,
    Submit,
    Open,
    RevealKey,
    Enroll,
    FixSeed,
    Seal,
    Reveal,
    Lie,
    Settle,
    Dispute,
    SealJury,
    RevealJury,
    Resolve,
    Lapse,
    Conclude,
    CloseVoid,
    PayVoid,
    Claim,
    Refund,
    NextTask
}

/// People who do anything at any time; refusals are part of it. Every call is watched.
contract Crowd is Procedures {
    uint256 internal constant ACTS = uint256(type(Act).max) + 1;

    uint256 public calls;
    /// How often each act succeeded, so that nobody takes an idle walk for a safe one.
    mapping(Act kind => uint256 times) public done;

    constructor(uint256 number_) Procedures(number_) {
        setUp();
        for (uint256 i; i < PEOPLE; ++i) {
            people.push(trainer(i));
            people.push(validator(i));
        }
        stakes = new uint256[](people.length);
        begin();
    }

    /// Every second task deals committees of two to batches of two.
    function begin() internal {
        TaskParams memory p = paramsOf(ROUNDS);
        uint256 next = arena.taskCount();
        if (next % 2 == 1) (p.rules.committeeSize, p.rules.batchSize) = (2, 2);
        create(p);
        for (uint256 i; i < PEOPLE; ++i) {
            stakeIn(next, trainer(i), Role.Trainer, (20 + i) * T);
            stakeIn(next, validator(i), Role.Validator, (30 + i) * T);
        }
        for (uint256 r; r < ROUNDS; ++r) {
            for (uint256 i; i < PEOPLE; ++i) {
                delete vectorOf[r][validator(i)];
                delete hasRevealed[r][validator(i)];
            }
        }
        watchNext(next);
    }

    /// Ten random acts: what forge does about a call takes several times as long as an act.
    function acts(uint256 seed) external {
        for (uint256 i; i < 10; ++i) act(uint256(keccak256(abi.encode(number, seed, i))));
    }

    /// Three of four are what somebody who looks at the clock would do.
    function act(uint256 seed) private {
        ++calls;
        slashing = false;
        taking = address(0);
        uint256 round = arena.currentRound(task);
        if (round > 0 && (seed % 7 == 0 || !arena.isDone(task, 0))) --round;
        seed >>= 8;
        Act kind = seed % 4 == 0 ? Act(seed / 4 % ACTS) : fitting(round, seed / 4);
        seed >>= 24;
        // What is refused changes nothing: the EVM sees to that.
        if (!attempt(kind, round, seed % PEOPLE, seed >> 8)) return;
        ++done[kind];
        for (uint256 r; r < ROUNDS; ++r) watchRound(task, r);
        if (kind == Act.Wait) return;
        watchStakes();
        watchPurse(token);
        watchPurse(usd);
        solvent();
    }

    function fitting(uint256 round, uint256 seed) internal view returns (Act) {
        if (seed % 4 == 0) return Act.Wait;
        seed /= 4;
        Phase p = arena.phaseOf(task, round);
        if (p == Phase.Submit) return seed % 2 == 0 ? Act.Submit : Act.Enroll;
        if (p == Phase.Open) return seed % 3 == 0 ? Act.RevealKey : Act.Open;
        if (p == Phase.Validate) return seed % 4 == 0 ? Act.FixSeed : Act.Seal;
        if (p == Phase.Reveal) return Act.Reveal;
        if (p == Phase.Settle) return seed % 2 == 0 ? Act.Settle : Act.Lie;
        if (p == Phase.Dispute) return Act(uint256(Act.Dispute) + seed % 5);
        if (p == Phase.Final) return seed % 4 == 0 ? Act.NextTask : seed % 4 == 1 ? Act.Lapse : Act.Conclude;
        if (p == Phase.Void) return Act(uint256(Act.CloseVoid) + seed % 2);
        return Act.Wait;
    }

    /// @return whether the arena took it.
    function attempt(Act kind, uint256 round, uint256 who, uint256 seed) internal returns (bool) {
        if (kind <= Act.Enroll) return enter(kind, round, who, seed);
        if (kind <= Act.Settle) return judge(kind, round, who, seed);
        if (kind <= Act.Lapse) return argue(kind, round, who, seed);
        return end(kind, round, who, seed);
    }

    /// Money and takers come in.
    function enter(Act kind, uint256 round, uint256 who, uint256 seed) private returns (bool) {
        address account = seed % 2 == 0 ? trainer(who) : validator(who);
        seed >>= 8;
        if (kind == Act.Fund) return fund(account, 1 + seed % T);
        if (kind == Act.Stake) return stakeMore(account, 1 + seed % (5 * T));
        if (kind == Act.Unstake) {
            taking = account;
            return tell(account, abi.encodeCall(arena.unstake, (task, uint128(seed % (40 * T)))));
        }
        if (kind == Act.Submit) return tell(trainer(who), abi.encodeCall(arena.submit, (task, round, commitmentOf(task, round, trainer(who)))));
        if (kind == Act.Open) return tell(trainer(who), abi.encodeCall(arena.open, (task, round, digestOf(trainer(who)), "salt")));
        if (kind == Act.RevealKey) return fate(round) != 0 && tell(account, abi.encodeCall(arena.revealKey, (task, round, KEY)));
        if (kind == Act.Enroll) return tell(validator(who), abi.encodeCall(arena.enroll, (task, round)));
        vm.warp(block.timestamp + seed % 16);
        vm.roll(block.number + 1);
        return true;
    }

    function judge(Act kind, uint256 round, uint256 who, uint256 seed) private returns (bool) {
        if (kind == Act.FixSeed) return tell(validator(who), abi.encodeCall(arena.fixSeed, (task, round)));
        if (kind == Act.Seal) return together(abi.encodeCall(this.doSeal, (round, validator(who), seed)));
        if (kind == Act.Reveal) return together(abi.encodeCall(this.doReveal, (round, validator(who))));
        if (kind == Act.Lie) return together(abi.encodeCall(this.doLie, (round, seed)));
        return together(abi.encodeCall(this.doSettle, (round, seed)));
    }

    /// All juries but that of item 1 stay empty.
    function argue(Act kind, uint256 round, uint256 who, uint256 seed) private returns (bool) {
        if (kind == Act.Dispute) {
            address disputer = people[seed % people.length];
            give(disputer, 20 * T, 0);
            return tell(disputer, abi.encodeCall(arena.dispute, (task, round, 0, (seed >> 8) % (1 + PEOPLE))));
        }
        address juror = validator(who);
        uint256 index = seed % 4 == 0 ? seed / 4 % PEOPLE : seatOf(round, juror);
        if (kind == Act.SealJury) {
            bytes32 seal = keccak256(abi.encode(task, round, uint256(0), uint256(1), juror, bytes32("j"), uint32(500_000)));
            return tell(juror, abi.encodeCall(arena.sealJury, (task, round, 0, 1, index, seal)));
        }
        if (kind == Act.RevealJury) return tell(juror, abi.encodeCall(arena.revealJury, (task, round, 0, 1, index, 500_000, "j")));
        if (kind == Act.Lapse) return tell(juror, abi.encodeCall(arena.lapse, (task, round, 0, seed % (1 + PEOPLE))));
        slashing = true;
        return together(abi.encodeCall(this.doResolve, (round, seed % (1 + PEOPLE))));
    }

    /// The juror's place in the jury of item 1, or the next free one.
    function seatOf(uint256 round, address juror) private view returns (uint256 i) {
        uint256 jurors = arena.disputeOf(task, round, 0, 1).jurors;
        while (i < jurors && arena.jurorOf(task, round, 0, 1, i).juror != juror) ++i;
    }

    function end(Act kind, uint256 round, uint256 who, uint256 seed) private returns (bool) {
        address account = people[seed % people.length];
        if (kind == Act.CloseVoid) return tell(account, abi.encodeCall(arena.closeVoid, (task, round)));
        if (kind == Act.PayVoid) return tell(account, abi.encodeCall(arena.payVoid, (task, round, list(who))));
        if (kind == Act.Claim) return claim((seed >> 8) % 2 == 0 ? usd : token, account);
        if (kind == Act.Refund) return tell(account, abi.encodeCall(arena.refund, (task, (seed >> 8) % 2 == 0 ? CREATOR : account)));
        if (kind == Act.NextTask) {
            if (!arena.hasEnded(task)) return false;
            begin();
            return true;
        }
        slashing = true;
        return together(abi.encodeCall(this.doConclude, (round)));
    }

    function tell(address who, bytes memory data) private returns (bool ok) {
        vm.prank(who);
        (ok,) = address(arena).call(data);
    }

    /// Several calls as one. A promise broken inside is not a refusal.
    function together(bytes memory data) private returns (bool ok) {
        bytes memory why;
        (ok, why) = address(this).call(data);
        vm.assertTrue(ok || bytes4(why) != Broken.selector, "a promise is broken");
    }

    function fund(address who, uint256 amount) private returns (bool) {
        give(who, 0, amount);
        return tell(who, abi.encodeCall(arena.fund, (task, uint128(amount))));
    }

    function stakeMore(address who, uint256 amount) private returns (bool) {
        give(who, amount, 0);
        Role role = arena.stakeOf(task, who).role;
        return tell(who, abi.encodeCall(arena.stake, (task, role, uint128(amount), 0, new bytes32[](0))));
    }

    /// A claim sends what was owed, to whom it was owed, and nothing stays owed.
    function claim(TestToken what, address who) private returns (bool ok) {
        uint256 owed = arena.owed(address(what), who);
        uint256 held = what.balanceOf(who);
        ok = tell(who, abi.encodeCall(arena.claim, (address(what), who)));
        vm.assertTrue(ok == (owed > 0), "whoever is owed something gets it");
        vm.assertEq(what.balanceOf(who), held + owed, "what was owed");
        vm.assertEq(arena.owed(address(what), who), 0, "nothing stays owed");
        leaving[what] += owed;
    }
}
