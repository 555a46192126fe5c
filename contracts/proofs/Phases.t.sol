// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Clock, Phase} from "../src/Types.sol";
import {Clocks} from "../src/libraries/Clocks.sol";

/// The clock of a round.
contract PhaseProofs {
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
}
