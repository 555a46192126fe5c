// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Backing, Clock, Dispute, Enrolment, Juror, Phase, Round, Rules, Share, Stake, Submission, Task} from "../Types.sol";
import {NoSuchRound} from "../Errors.sol";
import {Clocks} from "../libraries/Clocks.sol";
import {State} from "./State.sol";

/// Reads for pages and scripts.
abstract contract Views is State {
    function taskOf(uint256 taskId) external view returns (Task memory task, Clock memory clock, Rules memory rules) {
        return (_tasks[taskId], _clocks[taskId], _rules[taskId]);
    }

    /// The round, its phase now, and the times (seconds) at which Pending, Submit, Open, Validate,
    /// Reveal, Settle and Dispute end.
    function roundOf(uint256 taskId, uint256 round)
        external
        view
        returns (Round memory r, Phase phase, uint256[7] memory ends)
    {
        r = _rounds[taskId][round];
        phase = phaseOf(taskId, round);
        Clock memory c = _clocks[taskId];
        for (uint256 i; i < 7; ++i) {
            ends[i] = Clocks.endOf(c, round, Phase(i));
        }
    }

    /// The round whose Submit to Dispute the clock is in: 0 before the start, the last one after the end.
    function currentRound(uint256 taskId) external view returns (uint256) {
        Clock memory c = _clocks[taskId];
        if (c.rounds == 0) revert NoSuchRound(taskId, 0);
        if (block.timestamp < c.start) return 0;
        uint256 round = (block.timestamp - c.start) / Clocks.span(c);
        return round < c.rounds ? round : c.rounds - 1;
    }

    function bountyTokenOf(uint256 taskId) external view returns (address) {
        return _tasks[taskId].bountyToken;
    }

    /// Stakes in a round that is done are free.
    function isDone(uint256 taskId, uint256 round) external view returns (bool) {
        return _rounds[taskId][round].done;
    }

    /// All rounds of the task are done.
    function hasEnded(uint256 taskId) external view returns (bool) {
        return _tasks[taskId].doneRounds == _clocks[taskId].rounds;
    }

    function stakeOf(uint256 taskId, address account) external view returns (Stake memory) {
        return _stakes[taskId][account];
    }

    function submissionOf(uint256 taskId, uint256 round, uint256 index) external view returns (Submission memory) {
        return _submissions[taskId][round][index];
    }

    /// 0 none; otherwise the order of the trainer's commitment in the low 48 bits, and the commitment's
    /// high bits above them until it is opened.
    function commitmentOf(uint256 taskId, uint256 round, address trainer) external view returns (uint256) {
        return _commitments[taskId][round][trainer];
    }

    /// Rank from 1; 0 none; 2^32 - 1 slashed; 2^32 - 2 paid.
    function rankOf(uint256 taskId, uint256 round, uint256 index) external view returns (uint32) {
        return _ranks[taskId][round][index];
    }

    function enrolmentOf(uint256 taskId, uint256 round, uint256 index) external view returns (Enrolment memory) {
        return _enrolments[taskId][round][index];
    }

    /// 0 not enrolled; 2 enrolled; other even numbers sealed; odd numbers revealed.
    function scoresOf(uint256 taskId, uint256 round, address validator) external view returns (uint256) {
        return _scores[taskId][round][validator];
    }

    /// keccak256(abi.encode(consensus, results)) of a settled batch; 1 when its validators are paid; 0 before.
    function recordOf(uint256 taskId, uint256 round, uint256 batch) external view returns (bytes32) {
        return _records[taskId][round][batch];
    }

    function backingOf(uint256 taskId, address operator) external view returns (Backing memory) {
        return _backings[taskId][operator];
    }

    function shareOf(uint256 taskId, uint256 round, address operator) external view returns (Share memory) {
        return _shares[taskId][round][operator];
    }

    function disputeOf(uint256 taskId, uint256 round, uint256 batch, uint256 item)
        external
        view
        returns (Dispute memory)
    {
        return _disputes[taskId][round][batch << 16 | item];
    }

    function jurorOf(uint256 taskId, uint256 round, uint256 batch, uint256 item, uint256 index)
        external
        view
        returns (Juror memory)
    {
        return _jurors[taskId][round][batch << 16 | item][index];
    }

    /// Wei of `token` that claim(token, account) would send.
    function owed(address token, address account) external view returns (uint256) {
        return _owed[token][account];
    }
}
