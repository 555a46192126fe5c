// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Round, Verdict} from "../Types.sol";
import {BadLength, EarlierRoundOpen, NoSuchBatch, RecordMismatch, SeedNotFixed, StakeBusy} from "../Errors.sol";
import {Committees} from "../libraries/Committees.sol";
import {State} from "./State.sol";

/// Which submissions and validators meet in which batch, and that rounds end one after the other.
abstract contract Dealing is State {
    /// In _scores: enrolled, nothing sealed yet. Seals are even too, and none has this preimage.
    uint256 internal constant ENROLLED = 2;
    uint256 internal constant TAG_BITS = 16;

    function _range(uint256 taskId, uint256 round, uint256 batch) internal view returns (uint256 from, uint256 to) {
        uint256 count = _batches(taskId, round);
        if (batch >= count) revert NoSuchBatch(taskId, round, batch);
        return Committees.range(batch, count, _rounds[taskId][round].submissions);
    }

    /// Enrolment index of the member at `position` of `batch`.
    function _dealt(uint256 taskId, uint256 round, uint256 batch, uint256 position) internal view returns (uint256) {
        Round storage r = _rounds[taskId][round];
        uint256 n = r.enrolled;
        uint256 c = _rules[taskId].committeeSize;
        if (n <= c) return position;
        if (r.seed == 0) revert SeedNotFixed(taskId, round);
        return Committees.permute(r.seed, n, batch * c + position);
    }

    /// No round that the account answers for is open.
    function _requireFree(uint256 taskId, address account) internal view {
        uint256 busy = _stakes[taskId][account].busy;
        if (busy != 0 && !_rounds[taskId][busy - 1].done) revert StakeBusy(taskId, account, busy - 1);
    }

    /// What _scores holds for a revealed vector.
    function _revealed(bytes32 vectorHash, uint256 batch) internal pure returns (uint256) {
        return (uint256(vectorHash) >> TAG_BITS << TAG_BITS) | (batch << 1) | 1;
    }

    /// Number i of vectors that follow one another.
    function _vectorAt(bytes calldata vectors, uint256 i, uint256 bytes_) internal pure returns (bytes calldata vector) {
        uint256 end;
        unchecked {
            end = (i + 1) * bytes_;
        }
        if (vectors.length < end) revert BadLength(vectors.length, end);
        assembly ("memory-safe") {
            vector.offset := add(vectors.offset, sub(end, bytes_))
            vector.length := bytes_
        }
    }

    function _checkRecord(uint256 taskId, uint256 round, uint256 batch, Verdict calldata v) internal view {
        if (_records[taskId][round][batch] != keccak256(abi.encode(v.consensus, v.results))) {
            revert RecordMismatch(taskId, round, batch);
        }
    }

    function _requireTurn(uint256 taskId, uint256 round) internal view {
        uint256 next = _tasks[taskId].doneRounds;
        if (next < round) revert EarlierRoundOpen(taskId, next);
    }
}
