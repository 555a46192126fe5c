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
    /// @param consensus the claimed medians, packed like a vector.
    /// @param vectors the vectors of all members who revealed, in the order of their positions.
    function settle(uint256 taskId, uint256 round, uint256 batch, bytes calldata consensus, bytes calldata vectors)
        external
        in_(taskId, round, Phase.Settle)
    {
        if (_records[taskId][round][batch] != 0) revert AlreadySettled(taskId, round, batch);
        uint256 bytes_ = _vectorBytes(taskId, round, batch);
        if (consensus.length != bytes_) revert BadLength(consensus.length, bytes_);
        uint128[] memory results = _judge(taskId, round, batch, consensus, vectors);
        Round storage r = _rounds[taskId][round];
        r.settledBatches++;
        if (Consensus.scoreAt(consensus, 0) == Consensus.INVALID) r.badShards++;
        _records[taskId][round][batch] = keccak256(abi.encode(consensus, results));
        emit BatchSettled(taskId, round, batch, msg.sender, consensus, results);
    }

    function _judge(uint256 taskId, uint256 round, uint256 batch, bytes calldata consensus, bytes calldata vectors)
        private
        returns (uint128[] memory results)
    {
        Rules memory rules = _rules[taskId];
        Round storage r = _rounds[taskId][round];
        uint256[] memory members = new uint256[](Committees.size(r.enrolled, rules.committeeSize));
        Consensus.Distance[] memory distances = new Consensus.Distance[](members.length);
        results = new uint128[](members.length);
        Consensus.Tally memory tally = Consensus.begin(consensus, rules.tolerance);
        uint256 revealed;
        bool everybody = members.length == r.enrolled;
        mapping(uint256 => Enrolment) storage enrolments = _enrolments[taskId][round];
        mapping(address => uint256) storage scores = _scores[taskId][round];
        for (uint256 p; p < members.length;) {
            uint256 member = _word(enrolments[everybody ? p : _dealt(taskId, round, batch, p)]);
            members[p] = member;
            address validator = address(uint160(member));
            uint256 state = scores[validator];
            if (state & 0xffff == (batch << 1 | 1)) {
                bytes calldata vector = _slice(vectors, revealed, consensus.length);
                if (_revealed(keccak256(vector), batch) != state) revert VectorMismatch(validator);
                distances[p] = Consensus.add(tally, vector, uint48(member >> 160));
                unchecked {
                    ++revealed;
                }
            } else {
                results[p] = _guilty(state == ENROLLED || state == 0 ? Reason.NotSealed : Reason.NotRevealed);
            }
            unchecked {
                ++p;
            }
        }
        if (vectors.length != revealed * consensus.length) revert BadLength(vectors.length, revealed * consensus.length);
        if (revealed < rules.quorum) {
            Consensus.requireNone(tally);
            return results;
        }
        Consensus.verify(tally);
        _reward(r, rules, tally, members, distances, results, vectors);
    }

    /// Fills in the results of those who revealed, and adds up the round's pay weights and stake.
    function _reward(
        Round storage r,
        Rules memory rules,
        Consensus.Tally memory tally,
        uint256[] memory members,
        Consensus.Distance[] memory distances,
        uint128[] memory results,
        bytes calldata vectors
    ) private {
        uint256 seen;
        uint256 pay;
        uint256 stake;
        // None of these sums comes near a word's end: stakes have 48 bits, pay weights 104.
        unchecked {
            for (uint256 p; p < members.length; ++p) {
                if (results[p] != 0) continue;
                Consensus.Distance memory d = distances[p];
                stake += members[p] >> 208;
                if (tally.anyInvalid && Consensus.opposes(tally, _slice(vectors, seen, tally.items * 4))) {
                    results[p] = _guilty(Reason.WrongVerdict);
                } else if (2 * d.outliers > d.answered) {
                    results[p] = _guilty(Reason.Deviant);
                } else {
                    uint256 quality = Consensus.quality(d, tally.judged, rules.lambda);
                    uint256 weight = quality * Rewards.power(uint48(members[p] >> 160), rules.alpha) / 1e18;
                    pay += weight;
                    results[p] = uint128(weight << 8);
                }
                ++seen;
            }
        }
        r.validatorPay += uint128(pay);
        r.validatorStake += uint96(stake);
    }

    /// An enrolment as it lies in its one slot: own << 208 | weight << 160 | validator.
    function _word(Enrolment storage e) private view returns (uint256 word) {
        assembly ("memory-safe") {
            word := sload(e.slot)
        }
    }

    function _slice(bytes calldata vectors, uint256 i, uint256 bytes_) private pure returns (bytes calldata) {
        if (vectors.length < (i + 1) * bytes_) revert BadLength(vectors.length, (i + 1) * bytes_);
        return vectors[i * bytes_:(i + 1) * bytes_];
    }

    function _guilty(Reason reason) private pure returns (uint128) {
        return uint128(reason) + 1;
    }
}
