// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Rewards} from "../src/libraries/Rewards.sol";
import {cheats} from "./harness/Cheats.sol";

/// Shares of a reward: no more is given than there is, whatever weights the powers of rank and stake come to.
contract PoolsProofs {
    /// No share is above its pool.
    function check_shareWithinPool(uint128 pool, uint128 part, uint128 whole) external pure {
        if (part > whole) return;
        assert(Rewards.share(pool, part, whole) <= pool);
    }

    /// A share is the exact one rounded down: part / whole of the pool is never exceeded.
    function check_shareRoundsDown(uint112 pool, uint112 part, uint112 whole) external pure {
        if (part > whole || whole == 0) return;
        assert(Rewards.share(pool, part, whole) * whole <= uint256(pool) * part);
    }

    /// A share of a and one of b are no more than one of a + b: who splits its stake gains nothing.
    function check_sharesAddUp(uint128 pool, uint104 a, uint104 b, uint104 rest) external pure {
        uint256 whole = uint256(a) + b + rest;
        assert(Rewards.share(pool, a, whole) + Rewards.share(pool, b, whole) <= Rewards.share(pool, uint256(a) + b, whole));
    }

    /// All that is paid from a pool is no more than the pool. By induction over the payments: when those of weights that come to
    /// `counted` are within counted / whole of the pool, then so they are with one more. Before the first both are 0; after the last
    /// all weights are counted.
    function check_onePaymentMore(uint128 pool, uint104 whole, uint104 counted, uint104 weight, uint128 paid) external pure {
        cheats.assume(uint256(counted) + weight <= whole && whole > 0);
        cheats.assume(uint256(paid) * whole <= uint256(pool) * counted);
        uint256 later = paid + Rewards.share(pool, weight, whole);
        assert(later * whole <= uint256(pool) * (uint256(counted) + weight));
        if (uint256(counted) + weight == whole) assert(later <= pool);
    }

    /// Both pools of a round together are the reward, or a wei less.
    function check_poolsAreTheReward(uint128 reward, uint64 gamma, uint96 trainerStake, uint96 validatorStake) external pure {
        cheats.assume(uint256(trainerStake) + validatorStake > 0);
        (uint256 trainers, uint256 validators) = Rewards.pools(reward, gamma, trainerStake, validatorStake);
        assert(trainers + validators <= reward);
        assert(trainers + validators + 1 >= reward);
    }
}
