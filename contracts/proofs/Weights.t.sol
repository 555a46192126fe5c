// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {LockMultiplier} from "../src/libraries/LockMultiplier.sol";
import {Order} from "../src/libraries/Order.sol";
import {Rewards} from "../src/libraries/Rewards.sol";
import {cheats} from "./harness/Cheats.sol";

/// What a lock, a rank and a stake are worth, and who can win at all. Of the powers of q the first ones, at alpha = 1: the library's
/// loop for higher ranks, and its exp and ln for other alphas, are held by fuzz (contracts/test/RewardWeights.t.sol).
contract WeightProofs {
    uint256 private constant WAD = 1e18;
    /// In weight units.
    uint256 private constant TOKEN = 1e6;

    /// A lock never weighs less than none.
    function check_lockNeverWeighsLess(uint48 amount, uint40 remaining) public pure {
        assert(LockMultiplier.apply_(amount, remaining) >= amount);
    }

    /// Nothing that is INVALID or ABSTAIN ever wins, nor anything against such a base.
    function check_onlyNumbersWin(uint32 score, uint32 base, uint32 step) public pure {
        if (step == 0 || !Order.wins(score, base, step)) return;
        assert(score < 0xfffffffe && base < 0xfffffffe);
    }

    /// The first rank weighs what its stake does, whatever q.
    function check_firstRank(uint64 q, uint48 stake) public pure {
        assert(Rewards.trainerWeight(1, q, stake, WAD) == uint256(stake) * 1e12);
    }

    /// At the same rank more stake never weighs less, nor does a larger factor at the same stake: the second rank's is q, any number.
    function check_stakeCounts(uint64 q, uint48 less, uint48 more) public pure {
        if (less > more) return;
        assert(Rewards.trainerWeight(2, q, less, WAD) <= Rewards.trainerWeight(2, q, more, WAD));
    }

    function check_factorCounts(uint64 less, uint64 more, uint48 stake) public pure {
        if (less > more) return;
        assert(Rewards.trainerWeight(2, less, stake, WAD) <= Rewards.trainerWeight(2, more, stake, WAD));
    }

    /// A worse rank's factor, the weight of a token, is never larger.
    function check_secondRank(uint64 q) public pure { _falls(q, 2); }

    function check_thirdRank(uint64 q) public pure { _falls(q, 3); }

    function check_fourthRank(uint64 q) public pure { _falls(q, 4); }

    function _falls(uint256 q, uint256 rank) private pure {
        cheats.assume(q < WAD);
        assert(Rewards.trainerWeight(rank, q, TOKEN, WAD) <= Rewards.trainerWeight(rank - 1, q, TOKEN, WAD));
    }
}
