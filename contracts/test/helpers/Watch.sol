// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Phase, Round, Task} from "../../src/Types.sol";
import {TestToken} from "../../src/testing/TestToken.sol";
import {World} from "./World.sol";
import {vm} from "./Vm.sol";

/// What must hold after every call, whoever made it, for eight people in one task after the other.
abstract contract Watch is World {
    uint256 internal constant PEOPLE = 4;
    uint256 internal constant ROUNDS = 2;
    address internal constant BURNED = address(0xdEaD);

    /// The one that people act in; those before have ended.
    uint256 public task;
    address[] internal people;
    /// Of the running task, by people, after the last call.
    uint256[] internal stakes;
    mapping(uint256 task => mapping(uint256 round => uint256)) internal lastPhase;
    mapping(uint256 task => mapping(uint256 round => bool)) internal disputed;
    mapping(uint256 task => mapping(uint256 round => bytes32)) internal closed;
    /// Whether the call under way may lower stakes of others: by a slash.
    bool internal slashing;
    /// Who takes stake out by the call under way.
    address internal taking;
    /// What the arena held after the last call, and what the call under way may send, by token.
    mapping(TestToken => uint256 wei_) private purse;
    mapping(TestToken => uint256 wei_) internal leaving;
    /// What ended tasks still hold: nobody acts on them any more, so it stays.
    uint256 internal oldTokens;
    uint256 internal oldDollars;

    /// From here on `next` is the task that is watched.
    function watchNext(uint256 next) internal {
        (uint256 tokens, uint256 dollars) = next == 0 ? (0, 0) : inTask(task);
        oldTokens += tokens;
        oldDollars += dollars;
        task = next;
        (purse[token], purse[usd]) = (token.balanceOf(address(arena)), usd.balanceOf(address(arena)));
        for (uint256 i; i < people.length; ++i) stakes[i] = arena.stakeOf(next, people[i]).amount;
    }

    /// Nobody's stake is less than before the call, unless it was slashed or its owner took it.
    function watchStakes() internal {
        for (uint256 i; i < people.length; ++i) {
            (uint256 before, uint256 now_) = (stakes[i], arena.stakeOf(task, people[i]).amount);
            if (before == now_) continue;
            stakes[i] = now_;
            if (now_ > before) continue;
            if (taking == people[i]) leaving[token] += before - now_;
            else if (!slashing) vm.assertTrue(false, "nobody takes another's stake");
        }
    }

    /// Tokens leave by claims, and where stake is taken out, to the wei.
    function watchPurse(TestToken t) internal {
        uint256 held = t.balanceOf(address(arena));
        if (held < purse[t] || leaving[t] > 0) vm.assertEq(held + leaving[t], purse[t], "what was theirs, no more");
        purse[t] = held;
        leaving[t] = 0;
    }

    /// Phases never go back, and a round that is done never changes.
    function watchRound(uint256 t, uint256 r) internal {
        (Round memory round, Phase now_,) = arena.roundOf(t, r);
        if (uint8(now_) != lastPhase[t][r]) {
            vm.assertGe(uint8(now_), lastPhase[t][r], "phases go forward");
            lastPhase[t][r] = uint8(now_);
        }
        if (round.disputes > 0) disputed[t][r] = true;
        if (!round.done) return;
        bytes32 hash = keccak256(abi.encode(round));
        if (closed[t][r] == 0) closed[t][r] = hash;
        else if (closed[t][r] != hash) vm.assertTrue(false, "a done round never changes");
    }

    /// Tokens held cover everything that is anybody's.
    function solvent() public view {
        (uint256 tokens, uint256 dollars) = pledged(task);
        for (uint256 i; i < people.length; ++i) {
            tokens += stakes[i] + arena.owed(address(token), people[i]);
            dollars += arena.owed(address(usd), people[i]);
        }
        tokens += oldTokens + arena.owed(address(token), CREATOR) + arena.owed(address(token), BURNED);
        dollars += oldDollars + arena.owed(address(usd), CREATOR);
        vm.assertGe(token.balanceOf(address(arena)), tokens, "stake tokens cover stakes, bonds, balances");
        vm.assertGe(usd.balanceOf(address(arena)), dollars, "bounty tokens cover pools and balances");
    }

    /// All tasks once more, those that ended long ago too: their sums are what they were.
    function check() public {
        uint256 tokens;
        uint256 dollars;
        for (uint256 t; t < task; ++t) {
            (uint256 a, uint256 b) = inTask(t);
            tokens += a;
            dollars += b;
            for (uint256 r; r < ROUNDS; ++r) watchRound(t, r);
        }
        vm.assertEq(tokens, oldTokens, "stakes of old tasks");
        vm.assertEq(dollars, oldDollars, "bounties of old tasks");
        solvent();
    }

    /// Stakes, bonds and the bounty that a task holds.
    function inTask(uint256 t) internal view returns (uint256 tokens, uint256 dollars) {
        (tokens, dollars) = pledged(t);
        for (uint256 i; i < people.length; ++i) tokens += arena.stakeOf(t, people[i]).amount;
    }

    /// Bonds that a task holds, and the bounty, or what of it funders have yet to ask for.
    function pledged(uint256 t) private view returns (uint256 tokens, uint256 dollars) {
        (Task memory facts,,) = arena.taskOf(t);
        tokens = facts.bond;
        dollars = facts.pool;
        if (facts.refund > 0) {
            uint256 waiting = arena.fundedBy(t, CREATOR);
            for (uint256 i; i < people.length; ++i) waiting += arena.fundedBy(t, people[i]);
            dollars += facts.refund * waiting / facts.funded;
        }
        for (uint256 r; r < ROUNDS; ++r) {
            if (!disputed[t][r]) continue;
            for (uint256 item; item < 1 + PEOPLE; ++item) {
                if (!arena.disputeOf(t, r, 0, item).resolved) tokens += arena.disputeOf(t, r, 0, item).bond;
            }
        }
    }
}
