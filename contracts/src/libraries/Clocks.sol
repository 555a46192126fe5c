// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Clock, Phase} from "../Types.sol";

/// Phases by the clock alone, without what happened in the round.
library Clocks {
    /// Seconds from the start of one round to the start of the next.
    function span(Clock memory c) internal pure returns (uint256) {
        unchecked {
            return uint256(c.submit) + c.open + c.validate + c.reveal + c.settle + c.dispute;
        }
    }

    /// When `phase` of `round` ends, in seconds; Pending ends where Submit begins.
    function endOf(Clock memory c, uint256 round, Phase phase) internal pure returns (uint256 end) {
        unchecked {
            end = c.start + round * span(c);
            if (phase == Phase.Pending) return end;
            end += c.submit;
            if (phase == Phase.Submit) return end;
            end += c.open;
            if (phase == Phase.Open) return end;
            end += c.validate;
            if (phase == Phase.Validate) return end;
            end += c.reveal;
            if (phase == Phase.Reveal) return end;
            end += c.settle;
            if (phase == Phase.Settle) return end;
            end += c.dispute;
        }
    }

    /// The phase of `round` at `time`; Final from the end of Dispute on.
    function phaseAt(Clock memory c, uint256 round, uint256 time) internal pure returns (Phase) {
        unchecked {
            uint256 end = c.start + round * span(c);
            if (time < end) return Phase.Pending;
            if (time < (end += c.submit)) return Phase.Submit;
            if (time < (end += c.open)) return Phase.Open;
            if (time < (end += c.validate)) return Phase.Validate;
            if (time < (end += c.reveal)) return Phase.Reveal;
            if (time < (end += c.settle)) return Phase.Settle;
            if (time < end + c.dispute) return Phase.Dispute;
            return Phase.Final;
        }
    }
}
