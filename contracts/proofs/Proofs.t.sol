// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Clock, Phase} from "../src/Types.sol";
import {Clocks} from "../src/libraries/Clocks.sol";
import {LockMultiplier} from "../src/libraries/LockMultiplier.sol";
import {Order} from "../src/libraries/Order.sol";

/// Proved by Halmos for all inputs: functions that begin with check_ (npm run audit).
contract Proofs {
    /// Time only moves a round forward.
    function check_phasesNeverGoBack(Clock memory c, uint8 round, uint48 earlier, uint48 later) public pure {
        if (earlier > later) return;
        assert(uint8(Clocks.phaseAt(c, round, earlier)) <= uint8(Clocks.phaseAt(c, round, later)));
    }

    /// A phase is over exactly when its end says so.
    function check_phasesEndOnTime(Clock memory c, uint8 round, uint48 time) public pure {
        Phase phase = Clocks.phaseAt(c, round, time);
        if (phase != Phase.Final) assert(time < Clocks.endOf(c, round, phase));
        if (phase != Phase.Pending) assert(time >= Clocks.endOf(c, round, Phase(uint8(phase) - 1)));
    }

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
