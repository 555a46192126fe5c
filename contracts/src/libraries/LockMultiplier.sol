// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// Stake that is locked for longer counts for more: n for a lock of up to t0, and
/// n * (1 + eps * (t - t0) / t1) up to t1, with t0 = 30 days, t1 = 365 days, eps = 2.19
/// (so at most about 3.01). `t` is the time still to go when the stake is weighed; staking takes no lock beyond t1.
library LockMultiplier {
    uint256 internal constant FREE = 30 days;
    uint256 internal constant MAX_LOCK = 365 days;
    uint256 internal constant EPS_HUNDREDTHS = 219;

    function apply_(uint256 amount, uint256 remaining) internal pure returns (uint256) {
        if (remaining <= FREE) return amount;
        return amount + amount * EPS_HUNDREDTHS * (remaining - FREE) / (100 * MAX_LOCK);
    }
}
