// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Phase, Role, Round, Rules, Task, TaskParams, Verdict} from "../../src/Types.sol";
import {Judge} from "./Judge.sol";
import {World} from "./World.sol";
import {vm} from "./Vm.sol";

/// People who do anything at any time; refusals are part of it. Every call is watched: see `act` and `check`.
contract Crowd is World {
    uint256 internal constant PEOPLE = 4;
    uint256 internal constant ROUNDS = 2;
    address internal constant BURNED = address(0xdEaD);
    uint256 public task;
    uint256 public calls;
    /// That the walk is not idle: rounds that went all the way, batches settled, lies refused, disputes counted.
    uint256 public concluded;
    uint256 public settled;
    uint256 public refusedLies;
    uint256 public resolved;
    mapping(uint256 task => mapping(uint256 round => mapping(uint256 batch => Verdict))) internal verdictOf;
    mapping(uint256 task => mapping(uint256 round => mapping(uint256 batch => bytes))) internal vectorsOf;
    mapping(uint256 task => mapping(uint256 round => uint256)) internal lastPhase;
    mapping(uint256 task => mapping(uint256 round => bytes32)) internal closed;
    address[] internal people;
    uint256[] internal stakesBefore;
    /// Whether the call under way may lower stakes of others: by a slash.
    bool internal slashing;
    address internal taking;
    /// What ended tasks still hold: nobody acts on them any more, so it stays.
    uint256 internal oldTokens;
    uint256 internal oldDollars;

    constructor() {
        setUp();
        for (uint256 i; i < PEOPLE; ++i) {
            people.push(trainer(i));
            people.push(validator(i));
        }
        stakesBefore = new uint256[](people.length);
        begin();
    }

    /// Every second task deals committees of two to batches of two.
    function begin() internal {
        if (arena.taskCount() > 0) {
            (uint256 tokens, uint256 dollars) = inTask(task);
            oldTokens += tokens;
            oldDollars += dollars;
        }
        TaskParams memory p = paramsOf(ROUNDS);
        if (arena.taskCount() % 2 == 1) {
            p.rules.committeeSize = 2;
            p.rules.batchSize = 2;
        }
        task = create(p);
        for (uint256 i; i < PEOPLE; ++i) {
            stakeIn(task, trainer(i), Role.Trainer, (20 + i) * T);
            stakeIn(task, validator(i), Role.Validator, (30 + i) * T);
        }
        for (uint256 r; r < ROUNDS; ++r) {
            for (uint256 i; i < PEOPLE; ++i) {
                delete vectorOf[r][validator(i)];
                delete hasRevealed[r][validator(i)];
            }
        }
    }

    /// One random act. Afterwards nobody's stake is less than before, unless it was slashed or its owner took it, and then to the wei.
    function act(uint256 seed) external {
        ++calls;
        slashing = false;
        taking = address(0);
        uint256 on = task;
        for (uint256 i; i < people.length; ++i) stakesBefore[i] = arena.stakeOf(on, people[i]).amount;
        uint256 purse = token.balanceOf(address(arena));
        doOne(seed);
        for (uint256 i; i < people.length; ++i) {
            uint256 now_ = arena.stakeOf(on, people[i]).amount;
            if (now_ >= stakesBefore[i]) continue;
            if (taking == people[i]) {
                vm.assertEq(purse - token.balanceOf(address(arena)), stakesBefore[i] - now_, "what its owner took, no more");
            } else {
                vm.assertTrue(slashing, "nobody takes another's stake");
            }
        }
        for (uint256 r; r < ROUNDS; ++r) watch(on, r);
        if (calls % 16 == 0) solvent();
    }

    function doOne(uint256 seed) internal {
        uint256 round = arena.currentRound(task);
        if (round > 0 && (seed % 7 == 0 || !arena.isDone(task, 0))) --round;
        uint256 who = seed / 7 % PEOPLE;
        uint256 kind = seed / 100 % 28;
        address account = seed / 10_000 % 2 == 0 ? trainer(who) : validator(who);
        if (seed / 1e9 % 4 != 0) kind = fitting(round, seed / 1e10);
        if (kind < 6) return wait_(seed / 100_000 % 20);
        if (kind == 6) return tell(trainer(who), abi.encodeCall(arena.submit, (task, round, commitmentOf(task, round, trainer(who)))));
        if (kind == 7) return tell(trainer(who), abi.encodeCall(arena.open, (task, round, digestOf(trainer(who)), "salt")));
        if (kind == 8) return tell(validator(who), abi.encodeCall(arena.enroll, (task, round)));
        if (kind == 9 && seed / 1_000_000 % 4 != 0) return tell(account, abi.encodeCall(arena.revealKey, (task, round, KEY)));
        if (kind == 10) return attempt(abi.encodeCall(this.doSeal, (round, validator(who), seed)));
        if (kind == 11) return tell(account, abi.encodeCall(arena.fixSeed, (task, round)));
        if (kind == 12 || kind == 13) return attempt(abi.encodeCall(this.doReveal, (round, validator(who))));
        if (kind == 14) return attempt(abi.encodeCall(this.doSettle, (round, seed / 1e12)));
        if (kind == 15) return slash(abi.encodeCall(this.doConclude, (round)));
        doRarer(kind, round, who, account, seed / 1e6);
    }

    function doRarer(uint256 kind, uint256 round, uint256 who, address account, uint256 seed) internal {
        if (kind == 16) return tell(account, abi.encodeCall(arena.closeVoid, (task, round)));
        if (kind == 17) return tell(account, abi.encodeCall(arena.payVoid, (task, round, list(who))));
        if (kind == 18) return attempt(abi.encodeCall(this.doClaim, (seed % 2 == 0 ? address(usd) : address(token), account)));
        if (kind == 19) {
            taking = account;
            return tell(account, abi.encodeCall(arena.unstake, (task, uint128(seed % (40 * T)))));
        }
        if (kind == 20) return stakeMore(account, seed % (5 * T) + 1);
        if (kind == 21) return doDispute(round, seed);
        if (kind == 22) return tell(CREATOR, abi.encodeCall(arena.refund, (task, CREATOR)));
        if (kind == 23 && arena.hasEnded(task)) return begin();
        if (kind == 24) return tell(validator(who), abi.encodeCall(arena.sealJury, (task, round, 0, 1, who, jurySeal(round, validator(who)))));
        if (kind == 25) return tell(validator(who), abi.encodeCall(arena.revealJury, (task, round, 0, 1, seed % PEOPLE, 500_000, "j")));
        if (kind == 26) return slash(abi.encodeCall(this.doResolve, (round, seed)));
        if (kind == 27) return tell(account, abi.encodeCall(arena.lapse, (task, round, 0, 1)));
    }

    /// What a person who looks at the clock would do: three of four calls.
    function fitting(uint256 round, uint256 seed) internal view returns (uint256) {
        if (seed % 4 == 0) return 0;
        Phase p = arena.phaseOf(task, round);
        if (p == Phase.Submit) return seed / 4 % 2 == 0 ? 6 : 8;
        if (p == Phase.Open) return seed / 4 % 3 == 0 ? 9 : 7;
        if (p == Phase.Validate) return seed / 4 % 4 == 0 ? 11 : 10;
        if (p == Phase.Reveal) return 12;
        if (p == Phase.Settle) return 14;
        if (p == Phase.Dispute) return 24 + seed / 4 % 4;
        if (p == Phase.Final) return seed / 4 % 4 == 0 ? 23 : 15;
        return p == Phase.Void ? 16 : 0;
    }

    function wait_(uint256 seconds_) internal {
        vm.warp(block.timestamp + seconds_);
        vm.roll(block.number + 1);
    }

    function tell(address who, bytes memory data) internal {
        vm.prank(who);
        (bool ok,) = address(arena).call(data);
        ok;
    }

    /// A promise broken inside is not a refusal.
    function attempt(bytes memory data) internal {
        (bool ok, bytes memory why) = address(this).call(data);
        vm.assertTrue(ok || bytes4(why) != Broken.selector, "a promise is broken");
    }

    error Broken();

    function slash(bytes memory data) internal {
        slashing = true;
        attempt(data);
    }

    function stakeMore(address who, uint256 amount) internal {
        give(who, amount, 0);
        Role role = arena.stakeOf(task, who).role;
        tell(who, abi.encodeCall(arena.stake, (task, role, uint128(amount), 0, new bytes32[](0))));
    }

    function jurySeal(uint256 round, address who) internal view returns (bytes32) {
        return keccak256(abi.encode(task, round, uint256(0), uint256(1), who, bytes32("j"), uint32(500_000)));
    }

    function doDispute(uint256 round, uint256 seed) internal {
        address disputer = people[seed % people.length];
        give(disputer, 20 * T, 0);
        tell(disputer, abi.encodeCall(arena.dispute, (task, round, 0, seed / 100 % 4)));
    }

    function doSeal(uint256 round, address who, uint256 seed) external {
        uint256 batch = batchOf(round, who);
        (uint256 from, uint256 to) = arena.batchRange(task, round, batch);
        uint32[] memory s = new uint32[](1 + to - from);
        for (uint256 i; i < s.length; ++i) {
            uint256 x = uint256(keccak256(abi.encode(seed, i)));
            s[i] = x % 12 == 0 ? 0xffffffff : x % 12 == 1 ? 0xfffffffe : uint32(1_000_000 - 50_000 * i + x % 3000);
        }
        sealAs(task, round, batch, who, s);
    }

    function batchOf(uint256 round, address who) internal view returns (uint256) {
        for (uint256 b; b < arena.batchCount(task, round); ++b) {
            address[] memory members = arena.committeeOf(task, round, b);
            for (uint256 p; p < members.length; ++p) {
                if (members[p] == who) return b;
            }
        }
        revert("not dealt in");
    }

    function doReveal(uint256 round, address who) external {
        revealOne(task, round, batchOf(round, who), who);
    }

    /// First a lie: a consensus one off, or a vector left out. Then the truth, as sorting finds it.
    function doSettle(uint256 round, uint256 seed) external {
        uint256 batch = seed % arena.batchCount(task, round);
        (bytes memory consensus, bytes memory vectors) = evidence(task, round, batch);
        if (uint8(arena.phaseOf(task, round)) == uint8(Phase.Settle)) lie(round, batch, consensus, vectors, seed);
        verdictOf[task][round][batch] = settleWith(task, round, batch, consensus, vectors);
        vectorsOf[task][round][batch] = vectors;
        ++settled;
        everybodyCounted(round, batch);
    }

    function lie(uint256 round, uint256 batch, bytes memory consensus, bytes memory vectors, uint256 seed) internal {
        uint32[] memory wrong = Judge.unpack(consensus);
        uint256 item = seed / 64 % wrong.length;
        unchecked {
            wrong[item] = seed / 16 % 2 == 0 ? wrong[item] + 1 : wrong[item] - 1;
        }
        (bool ok,) = address(arena).call(abi.encodeCall(arena.settle, (task, round, batch, Judge.pack(wrong), vectors)));
        if (ok) revert Broken();
        if (vectors.length > 0) {
            bytes memory fewer = new bytes(vectors.length - consensus.length);
            for (uint256 i; i < fewer.length; ++i) fewer[i] = vectors[i];
            (ok,) = address(arena).call(abi.encodeCall(arena.settle, (task, round, batch, consensus, fewer)));
            if (ok) revert Broken();
            (ok,) = address(arena).call(abi.encodeCall(arena.settle, (task, round, batch, consensus, bytes.concat(vectors, consensus))));
            if (ok) revert Broken();
        }
        ++refusedLies;
    }

    /// Who revealed is not called silent, and who did not is.
    function everybodyCounted(uint256 round, uint256 batch) internal view {
        address[] memory members = arena.committeeOf(task, round, batch);
        for (uint256 p; p < members.length; ++p) {
            uint256 code = uint8(verdictOf[task][round][batch].results[p]);
            bool silent = code == 3 || code == 4;
            if (silent == hasRevealed[round][members[p]]) revert Broken();
        }
    }

    function doConclude(uint256 round) external {
        Verdict[] memory verdicts = new Verdict[](arena.batchCount(task, round));
        for (uint256 b; b < verdicts.length; ++b) verdicts[b] = verdictOf[task][round][b];
        conclude(task, round, verdicts);
        ++concluded;
    }

    function doResolve(uint256 round, uint256 seed) external {
        uint256 item = seed % 4;
        uint32 score = seed / 4 % 3 == 0 ? 0xfffffffe : 500_000;
        arena.resolve(task, round, 0, item, score, verdictOf[task][round][0], vectorsOf[task][round][0]);
        ++resolved;
    }

    /// A claim sends what was owed, to whom it was owed, and nothing stays owed.
    function doClaim(address what, address who) external {
        uint256 owed = arena.owed(what, who);
        uint256 held = TokenLike(what).balanceOf(who);
        arena.claim(what, who);
        if (TokenLike(what).balanceOf(who) != held + owed || arena.owed(what, who) != 0) revert Broken();
    }

    /// All tasks once more, those that ended long ago too: their sums are what they were.
    function check() public {
        uint256 tokens;
        uint256 dollars;
        for (uint256 t; t < task; ++t) {
            (uint256 a, uint256 b) = inTask(t);
            tokens += a;
            dollars += b;
            for (uint256 r; r < ROUNDS; ++r) watch(t, r);
        }
        vm.assertEq(tokens, oldTokens, "stakes of old tasks");
        vm.assertEq(dollars, oldDollars, "bounties of old tasks");
        solvent();
    }

    /// Tokens held cover everything that is anybody's.
    function solvent() public view {
        (uint256 tokens, uint256 dollars) = inTask(task);
        tokens += oldTokens;
        dollars += oldDollars;
        for (uint256 i; i < people.length; ++i) {
            tokens += arena.owed(address(token), people[i]);
            dollars += arena.owed(address(usd), people[i]);
        }
        tokens += arena.owed(address(token), CREATOR) + arena.owed(address(token), BURNED);
        dollars += arena.owed(address(usd), CREATOR);
        vm.assertGe(token.balanceOf(address(arena)), tokens, "stake tokens cover stakes, bonds, balances");
        vm.assertGe(usd.balanceOf(address(arena)), dollars, "bounty tokens cover pools and balances");
    }

    /// Stakes and bonds, and the bounty, that a task holds.
    function inTask(uint256 t) internal view returns (uint256 tokens, uint256 dollars) {
        (Task memory facts,,) = arena.taskOf(t);
        tokens = facts.bond;
        dollars = facts.pool;
        for (uint256 i; i < people.length; ++i) tokens += arena.stakeOf(t, people[i]).amount;
        for (uint256 r; r < ROUNDS; ++r) {
            if (lastPhase[t][r] < uint8(Phase.Dispute)) continue;
            for (uint256 item; item < 4; ++item) {
                if (!arena.disputeOf(t, r, 0, item).resolved) tokens += arena.disputeOf(t, r, 0, item).bond;
            }
        }
    }

    /// Phases never go back, and a round that is done never changes.
    function watch(uint256 t, uint256 r) internal {
        (Round memory round, Phase now_,) = arena.roundOf(t, r);
        vm.assertGe(uint8(now_), lastPhase[t][r], "phases go forward");
        lastPhase[t][r] = uint8(now_);
        if (!round.done) return;
        bytes32 hash = keccak256(abi.encode(round));
        if (closed[t][r] != 0) vm.assertEq(hash, closed[t][r], "a done round never changes");
        closed[t][r] = hash;
    }
}

interface TokenLike {
    function balanceOf(address account) external view returns (uint256);
}
