// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {TestToken} from "../src/testing/TestToken.sol";
import {Round, Task} from "../src/Types.sol";
import {Rewards} from "../src/libraries/Rewards.sol";
import {ArenaHarness, Balances, Place} from "./harness/ArenaHarness.sol";
import {cheats, symbolic} from "./harness/Cheats.sol";

/// How a task's money becomes people's balances, from any state of the arena's whole storage: what one place loses others
/// gain, to the wei, and nobody is paid twice. With Pools.t.sol: no round gives more than the task holds. (Which share of a pool a
/// winner is paid takes Halmos minutes, 359 paths and more: contracts/test/Pages.t.sol and Round.t.sol hold it.)
contract PayoutProofs {
    uint256 private constant PAID = type(uint32).max - 1;
    address private constant BURN = 0x000000000000000000000000000000000000dEaD;
    TestToken private token;
    ArenaHarness private arena;

    function setUp() public {
        token = new TestToken("", "", 0);
        arena = new ArenaHarness(address(token));
        symbolic.enableSymbolicStorage(address(arena));
    }

    /// A round's reward is within what the task holds, and so is what the last round left to it.
    function check_rewardWithinTask(uint256 task, uint256 round) external view {
        Task memory t = arena.taskOf(task);
        cheats.assume(t.carry <= t.pool);
        uint256 reward = arena.roundReward(task, round);
        assert(reward <= t.pool && reward >= t.carry);
    }

    /// A ranked round takes its two pools from the task's, to the wei; the rest of its reward stays for the next round.
    function check_givePools(uint256 task, uint256 round, uint128 reward, uint64 gamma) external {
        Task memory before = arena.taskOf(task);
        cheats.assume(reward <= before.pool);
        arena.givePools(task, round, reward, gamma);
        Task memory later = arena.taskOf(task);
        Round memory r = arena.roundOf(task, round);
        assert(uint256(later.pool) + r.trainerReward + r.validatorReward == before.pool);
        assert(uint256(later.carry) + r.trainerReward + r.validatorReward == reward);
    }

    /// Slashes of a round that has no honest validator to get them are burned, to the wei.
    function check_slashPot(uint256 task, uint256 round) external {
        Round memory r = arena.roundOf(task, round);
        uint256 burned = _owed(BURN, address(token));
        arena.givePools(task, round, 0, 0);
        Round memory later = arena.roundOf(task, round);
        assert(later.slashPot + _owed(BURN, address(token)) == r.slashPot + burned);
        assert(later.slashPot == (r.validatorPay == 0 ? 0 : r.slashPot));
    }

    /// Who has been paid is not paid again.
    function check_paidOnce(uint256 task, uint256 round, uint256 index) external {
        cheats.assume(arena.rankOf(task, round, index) == PAID);
        try arena.payTrainers(task, round, _one(index)) {
            assert(false);
        } catch {}
    }

    /// A trainer's part of the creator's bond, where a round is void, goes to its own balance and its vault's, all of it, once; nobody
    /// else gets or loses anything.
    function check_payVoid(uint256 task, uint256 round, uint256 index, Place calldata p) external {
        address trainer = arena.submissionOf(task, round, index).trainer;
        uint256 amount = arena.roundOf(task, round).voidShare;
        cheats.assume(p.account != trainer);
        uint256 has = _has(task, round, trainer);
        Balances memory others = arena.balances(p);
        arena.payVoid(task, round, _one(index));
        assert(_has(task, round, trainer) == has + amount);
        _same(others, p);
        try arena.payVoid(task, round, _one(index)) {
            assert(false);
        } catch {}
    }

    /// A funder gets its share of what no round gave away, once.
    function check_refund(uint256 task, address funder, Place calldata p) external {
        Task memory t = arena.taskOf(task);
        cheats.assume(p.account != funder);
        uint256 amount = Rewards.share(t.refund, arena.fundedBy(task, funder), t.funded);
        uint256 owed = _owed(funder, t.bountyToken);
        Balances memory others = arena.balances(p);
        arena.refund(task, funder);
        assert(_owed(funder, t.bountyToken) == owed + amount);
        assert(arena.fundedBy(task, funder) == 0);
        _same(others, p);
    }

    function _owed(address account, address token_) private view returns (uint256) {
        return arena.balances(Place(0, 0, account, token_)).owed;
    }

    /// What an account and its vault have of the stake tokens that a round gave.
    function _has(uint256 task, uint256 round, address account) private view returns (uint256) {
        Balances memory b = arena.balances(Place(task, round, account, address(token)));
        return b.owed + b.shareOfStake;
    }

    function _one(uint256 index) private pure returns (uint256[] memory l) {
        l = new uint256[](1);
        l[0] = index;
    }

    function _same(Balances memory expected, Place calldata p) private view {
        assert(keccak256(abi.encode(arena.balances(p))) == keccak256(abi.encode(expected)));
    }
}
