// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Rewards} from "../src/libraries/Rewards.sol";

/// Shares of a reward, at the full width of every number: no more is given than there is. Powers are left out: whatever
/// weights they come to, these hold.
///
/// The two pools of a round are base + share(rest, T, T + S) and base + share(rest, S, T + S) with rest = reward - 2 · base, a
/// checked subtraction; by check_sharesAddUp and check_shareWithinPool the two shares are no more than rest, so both pools are
/// no more than the reward. (As one query this is beyond the solvers.)
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

    /// Shares together are no more than their pool. By induction over check_sharesAddUp's two: a share of a and one of b are
    /// no more than one of a + b, and that of the whole is the pool.
    function check_sharesAddUp(uint128 pool, uint104 a, uint104 b, uint104 rest) external pure {
        uint256 whole = uint256(a) + b + rest;
        assert(Rewards.share(pool, a, whole) + Rewards.share(pool, b, whole) <= Rewards.share(pool, uint256(a) + b, whole));
    }
}
