// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {LockMultiplier} from "../src/libraries/LockMultiplier.sol";
import {Order} from "../src/libraries/Order.sol";

/// What a lock is worth, and who can win at all.
contract WeightProofs {
    /// A lock never weighs less than none.
    function check_lockNeverWeighsLess(uint48 amount, uint40 remaining) public pure {
        assert(LockMultiplier.apply_(amount, remaining) >= amount);
    }

    /// Nothing that is INVALID or ABSTAIN ever wins, nor anything against such a base.
    function check_onlyNumbersWin(uint32 score, uint32 base, uint32 step) public pure {
        if (step == 0 || !Order.wins(score, base, step)) return;
        assert(score < 0xfffffffe && base < 0xfffffffe);
    }
}
