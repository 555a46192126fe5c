// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Dispute, Phase} from "../Types.sol";
import {NoSuchDispute, WrongJuryPhase} from "../Errors.sol";
import {Dealing} from "./Dealing.sol";

/// Finding a dispute, in the right phase of its jury.
abstract contract Hearings is Dealing {
    function _openDispute(uint256 taskId, uint256 round, uint256 batch, uint256 item)
        internal
        view
        returns (Dispute storage d)
    {
        d = _disputes[taskId][round][batch << 16 | item];
        if (d.disputer == address(0) || d.resolved) revert NoSuchDispute(taskId, round, batch, item);
    }

    function _requireJuryPhase(uint256 taskId, uint256 round, Phase needed) internal view {
        Phase actual = juryPhaseOf(taskId, round);
        if (actual != needed) revert WrongJuryPhase(taskId, round, actual, needed);
    }
}
