// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Enrolment, Phase, Reason, Round, Rules} from "../Types.sol";
import {AlreadySettled, BadLength, VectorMismatch} from "../Errors.sol";
import {Committees} from "../libraries/Committees.sol";
import {Consensus} from "../libraries/Consensus.sol";
import {Rewards} from "../libraries/Rewards.sol";
import {Scores} from "./Scores.sol";

/// Settles a batch: anyone posts what was revealed and the consensus; the contract only checks.
abstract contract Settlement is Scores {
    /// A batch while it is judged.
    struct Case {
        uint256 taskId;
        uint256 round;
        uint256 batch;
        Rules rules;
        Consensus.Tally tally;
        /// By position: the enrolment's word, and how far its vector is from the consensus.
        uint256[] members;
        Consensus.Distance[] distances;
        uint128[] results;
        uint256 revealed;
    }

    /// @param consensus the claimed medians, packed like a vector.
    /// @param vectors the vectors of all members who revealed, in the order of their positions.
    function settle(uint256 taskId, uint256 round, uint256 batch, bytes calldata consensus, bytes calldata vectors)
        external
        in_(taskId, round, Phase.Settle)
    {
        Case memory c = _begin(taskId, round, batch, consensus);
        _judge(c, vectors);
        _record(c, consensus);
    }

    function _record(Case memory c, bytes calldata consensus) private {
        Round storage r = _rounds[c.taskId][c.round];
        r.settledBatches++;
        if (Consensus.scoreAt(consensus, 0) == Consensus.INVALID) r.badShards++;
        _records[c.taskId][c.round][c.batch] = keccak256(abi.encode(consensus, c.results));
        emit BatchSettled(c.taskId, c.round, c.batch, msg.sender, consensus, c.results);
    }

    function _begin(uint256 taskId, uint256 round, uint256 batch, bytes calldata consensus)
        private
        view
        returns (Case memory c)
    {
        if (_records[taskId][round][batch] != 0) revert AlreadySettled(taskId, round, batch);
        uint256 bytes_ = _vectorBytes(taskId, round, batch);
        if (consensus.length != bytes_) revert BadLength(consensus.length, bytes_);
        (c.taskId, c.round, c.batch) = (taskId, round, batch);
        c.rules = _rules[taskId];
        uint256 n = Committees.size(_rounds[taskId][round].enrolled, c.rules.committeeSize);
        c.members = new uint256[](n);
        c.distances = new Consensus.Distance[](n);
        c.results = new uint128[](n);
        c.tally = Consensus.begin(consensus, c.rules.tolerance);
    }

    function _judge(Case memory c, bytes calldata vectors) private {
        uint256 bytes_ = c.tally.items * 4;
        bool everybody = c.members.length == _rounds[c.taskId][c.round].enrolled;
        mapping(uint256 => Enrolment) storage enrolments = _enrolments[c.taskId][c.round];
        mapping(address => uint256) storage scores = _scores[c.taskId][c.round];
        for (uint256 p; p < c.members.length;) {
            c.members[p] = _word(enrolments[everybody ? p : _dealt(c.taskId, c.round, c.batch, p)]);
            _hear(c, scores, p, vectors);
            unchecked {
                ++p;
            }
        }
        if (vectors.length != c.revealed * bytes_) revert BadLength(vectors.length, c.revealed * bytes_);
        if (c.revealed < c.rules.quorum) {
            Consensus.requireNone(c.tally);
        } else {
            Consensus.verify(c.tally);
            _reward(c, vectors);
        }
    }

    /// Counts the vector of the member at position p, if it was revealed; or notes why there is none.
    function _hear(Case memory c, mapping(address => uint256) storage scores, uint256 p, bytes calldata vectors)
        private
        view
    {
        uint256 member = c.members[p];
        address validator = address(uint160(member));
        uint256 state = scores[validator];
        if (state & 0xffff == (c.batch << 1 | 1)) {
            bytes calldata vector = _vectorAt(vectors, c.revealed, c.tally.items * 4);
            if (_revealed(keccak256(vector), c.batch) != state) revert VectorMismatch(validator);
            c.distances[p] = Consensus.add(c.tally, vector, uint48(member >> 160));
            unchecked {
                ++c.revealed;
            }
        } else {
            c.results[p] = _guilty(state == ENROLLED || state == 0 ? Reason.NotSealed : Reason.NotRevealed);
        }
    }

    /// Fills in the results of those who revealed, and adds up the round's pay weights and stake.
    function _reward(Case memory c, bytes calldata vectors) private {
        uint256[] memory contested = Consensus.contested(c.tally);
        uint256 seen;
        uint256 pay;
        uint256 stake_;
        // None of these sums comes near a word's end: stakes have 48 bits, pay weights 104.
        unchecked {
            for (uint256 p; p < c.members.length; ++p) {
                if (c.results[p] != 0) continue;
                stake_ += c.members[p] >> 208;
                Consensus.Distance memory d = c.distances[p];
                uint256 v = seen++;
                if (contested.length > 0 && Consensus.opposes(_vectorAt(vectors, v, c.tally.items * 4), contested)) {
                    c.results[p] = _guilty(Reason.WrongVerdict);
                } else if (2 * d.outliers > d.answered) {
                    c.results[p] = _guilty(Reason.Deviant);
                } else {
                    uint256 weight = _payWeight(c, d, uint48(c.members[p] >> 160));
                    pay += weight;
                    c.results[p] = uint128(weight << 8);
                }
            }
        }
        Round storage r = _rounds[c.taskId][c.round];
        r.validatorPay += uint128(pay);
        r.validatorStake += uint96(stake_);
    }

    function _payWeight(Case memory c, Consensus.Distance memory d, uint256 weight) private pure returns (uint256) {
        uint256 quality = Consensus.quality(d, c.tally.judged, c.rules.lambda);
        return quality * Rewards.power(weight, c.rules.alpha) / 1e18;
    }

    /// An enrolment as it lies in its one slot: own << 208 | weight << 160 | validator.
    function _word(Enrolment storage e) private view returns (uint256 word) {
        assembly ("memory-safe") {
            word := sload(e.slot)
        }
    }

    function _guilty(Reason reason) private pure returns (uint128) {
        return uint128(reason) + 1;
    }
}
