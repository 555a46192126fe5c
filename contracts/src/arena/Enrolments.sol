// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Enrolment, Phase, Role, Round} from "../Types.sol";
import {AlreadyEnrolled, NoSuchBatch, NothingToDo, WrongPhase} from "../Errors.sol";
import {Committees} from "../libraries/Committees.sol";
import {Submissions} from "./Submissions.sol";

/// Who judges what. Validators enroll before the seed can be known, and the seed deals them out.
abstract contract Enrolments is Submissions {
    /// The caller judges in this round. Who enrols and then does not seal is slashed.
    function enroll(uint256 taskId, uint256 round) external {
        Phase phase = phaseOf(taskId, round);
        if (phase != Phase.Submit && phase != Phase.Open) revert WrongPhase(taskId, round, phase, Phase.Submit);
        if (_scores[taskId][round][msg.sender] != 0) revert AlreadyEnrolled(taskId, round, msg.sender);
        _engage(taskId, round, Role.Validator, _tasks[taskId].validatorMinStake);
        (uint48 weight, uint48 own) = _weigh(taskId, round, msg.sender);
        uint256 index = _rounds[taskId][round].enrolled++;
        _enrolments[taskId][round][index] = Enrolment(msg.sender, weight, own);
        _scores[taskId][round][msg.sender] = ENROLLED;
        emit Enrolled(taskId, round, msg.sender, index, weight, own);
    }

    /// Fixes the seed in two calls: the first names its own block, whose hash nobody knows
    /// yet; any later one takes that hash. A hash older than 256 blocks is gone: the request starts again.
    function fixSeed(uint256 taskId, uint256 round) external in_(taskId, round, Phase.Validate) {
        Round storage r = _rounds[taskId][round];
        if (r.seed != 0 || block.number == r.seedBlock) revert NothingToDo(taskId, round, Phase.Validate);
        bytes32 hash = r.seedBlock == 0 ? bytes32(0) : blockhash(r.seedBlock);
        if (hash == 0) {
            r.seedBlock = uint48(block.number);
            emit SeedRequested(taskId, round, block.number);
        } else {
            r.seed = keccak256(abi.encode(hash, r.key, taskId, round));
            emit SeedFixed(taskId, round, r.seed);
        }
    }

    /// Batches of the round, as things stand; final from the end of Open on.
    function batchCount(uint256 taskId, uint256 round) external view returns (uint256) {
        return _batches(taskId, round);
    }

    /// Submissions [from, to) that `batch` judges.
    function batchRange(uint256 taskId, uint256 round, uint256 batch) external view returns (uint256 from, uint256 to) {
        return _range(taskId, round, batch);
    }

    /// The validators of `batch`, by position: the order in which settling goes through them.
    function committeeOf(uint256 taskId, uint256 round, uint256 batch) external view returns (address[] memory members) {
        if (batch >= _batches(taskId, round)) revert NoSuchBatch(taskId, round, batch);
        uint256 size = Committees.size(_rounds[taskId][round].enrolled, _rules[taskId].committeeSize);
        members = new address[](size);
        for (uint256 p; p < size; ++p) {
            members[p] = _enrolments[taskId][round][_dealt(taskId, round, batch, p)].validator;
        }
    }
}
