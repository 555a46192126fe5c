// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Dispute, Enrolment, Juror, Phase, Reason, Role, Round, Verdict} from "../Types.sol";
import {NotTheMedian, VectorMismatch} from "../Errors.sol";
import {Consensus} from "../libraries/Consensus.sol";
import {Hearings} from "./Hearings.sol";

/// Counting a jury, and what follows from it.
abstract contract Juries is Hearings {
    /// Counts the jury. Anyone may, with the data of the batch as in settle.
    /// @param score the claimed lower median of the jury's scores; ABSTAIN when there is none.
    /// @param vectors those of all members who revealed, in the order of their positions.
    function resolve(
        uint256 taskId,
        uint256 round,
        uint256 batch,
        uint256 item,
        uint32 score,
        Verdict calldata verdict,
        bytes calldata vectors
    ) external {
        _requireJuryPhase(taskId, round, Phase.Settle);
        Hearing memory h =
            Hearing(taskId, round, batch, item, score, _rules[taskId].tolerance, _rules[taskId].slashVerdict);
        _decide(h, verdict, vectors);
    }

    /// Ends a dispute that nobody counted in time: its bond is burned.
    function lapse(uint256 taskId, uint256 round, uint256 batch, uint256 item) external {
        _requireJuryPhase(taskId, round, Phase.Final);
        Dispute storage d = _openDispute(taskId, round, batch, item);
        d.resolved = true;
        _burn(taskId, round, d.bond);
        emit Slashed(taskId, round, d.disputer, Reason.DisputeLost, d.bond);
    }

    /// What the steps of resolve share.
    struct Hearing {
        uint256 taskId;
        uint256 round;
        uint256 batch;
        uint256 item;
        uint256 score;
        uint256 tolerance;
        uint256 bps;
    }

    function _decide(Hearing memory h, Verdict calldata verdict, bytes calldata vectors) private {
        Dispute storage d = _openDispute(h.taskId, h.round, h.batch, h.item);
        _checkRecord(h.taskId, h.round, h.batch, verdict);
        d.resolved = true;
        uint256 juryWeight = _verifyJury(h);
        uint256 old = Consensus.scoreAt(verdict.consensus, h.item);
        bool upheld = juryWeight > 0 && juryWeight >= _committeeWeight(h, verdict) && _differs(old, h.score, h.tolerance);
        uint256 pot;
        if (upheld) {
            _correct(h, old);
            pot = _punish(h, verdict, vectors) / 2;
            _credit(stakeToken, d.disputer, d.bond + pot / 2);
            pot -= pot / 2;
        } else {
            pot = d.bond / 2;
            _burn(h.taskId, h.round, d.bond - pot);
            emit Slashed(h.taskId, h.round, d.disputer, Reason.DisputeLost, d.bond);
        }
        _payJury(h, d.jurors, pot);
        // forge-lint: disable-next-line(unsafe-typecast)
        emit DisputeResolved(h.taskId, h.round, h.batch, h.item, upheld, uint32(h.score));
    }

    /// Reverts unless the claimed score is the jury's weighted lower median. @return total weight of scores but ABSTAIN.
    function _verifyJury(Hearing memory h) private view returns (uint256 total) {
        uint256 below;
        uint256 upTo;
        uint256 place = h.batch << 16 | h.item;
        uint256 count = _disputes[h.taskId][h.round][place].jurors;
        for (uint256 i; i < count; ++i) {
            Juror memory j = _jurors[h.taskId][h.round][place][i];
            if (!j.revealed || j.score == Consensus.ABSTAIN) continue;
            total += j.weight;
            if (j.score < h.score) below += j.weight;
            if (j.score <= h.score) upTo += j.weight;
        }
        bool right = total == 0
            ? h.score == Consensus.ABSTAIN
            : h.score != Consensus.ABSTAIN && 2 * upTo >= total && 2 * below < total;
        if (!right) revert NotTheMedian(h.item, h.score);
    }

    /// Weight of the members who revealed.
    function _committeeWeight(Hearing memory h, Verdict calldata v) private view returns (uint256 weight) {
        for (uint256 p; p < v.results.length; ++p) {
            if (_hasRevealed(v.results[p])) weight += _member(h, p).weight;
        }
    }

    function _correct(Hearing memory h, uint256 old) private {
        _corrections[h.taskId][h.round][h.batch << 16 | h.item] = 1 + h.score;
        Round storage r = _rounds[h.taskId][h.round];
        r.upheld++;
        if (h.item != 0) return;
        if (old == Consensus.INVALID) r.badShards--;
        if (h.score == Consensus.INVALID) r.badShards++;
    }

    /// Slashes members who are as far from the jury's score as the old consensus was found to be, takes their pay, and
    /// pardons those who were slashed for agreeing with it. @return taken wei.
    function _punish(Hearing memory h, Verdict calldata v, bytes calldata vectors) private returns (uint256 taken) {
        uint256 seen;
        for (uint256 p; p < v.results.length; ++p) {
            if (!_hasRevealed(v.results[p])) continue;
            Enrolment memory e = _member(h, p);
            uint256 score = _scoreIn(h, e.validator, _vectorAt(vectors, seen++, v.consensus.length));
            taken += _punishMember(h, e, score, v.results[p]);
        }
        _burn(h.taskId, h.round, taken - taken / 2);
    }

    /// The disputed item's score in the vector that the validator revealed.
    function _scoreIn(Hearing memory h, address validator, bytes calldata vector) private view returns (uint256) {
        if (_revealed(keccak256(vector), h.batch) != _scores[h.taskId][h.round][validator]) {
            revert VectorMismatch(validator);
        }
        return Consensus.scoreAt(vector, h.item);
    }

    /// @param result the member's in the verdict.
    function _punishMember(Hearing memory h, Enrolment memory e, uint256 score, uint256 result)
        private
        returns (uint256 taken)
    {
        if (score == Consensus.ABSTAIN) return 0;
        if (_differs(score, h.score, h.tolerance)) {
            taken = _take(h.taskId, h.round, e.validator, e.own, h.bps, Reason.DisputeUpheld);
            _forfeit(h, e.validator, result >> 8);
        } else if (uint8(result) != 0) {
            _findings[h.taskId][h.round][e.validator] = PARDONED;
        }
    }

    /// A member found wrong is not paid. Its pay weight leaves the round's sum, once, so that the others' parts grow.
    function _forfeit(Hearing memory h, address validator, uint256 weight) private {
        if (weight == 0 || _findings[h.taskId][h.round][validator] == FORFEITED) return;
        _findings[h.taskId][h.round][validator] = FORFEITED;
        // forge-lint: disable-next-line(unsafe-typecast)
        _rounds[h.taskId][h.round].validatorPay -= uint128(weight);
    }

    /// Jurors close to the median share the pot by weight; others who sealed are slashed, and that is burned.
    function _payJury(Hearing memory h, uint256 count, uint256 pot) private {
        uint256 place = h.batch << 16 | h.item;
        uint256 agreeing;
        for (uint256 i; i < count; ++i) {
            Juror memory j = _jurors[h.taskId][h.round][place][i];
            if (_agrees(h, j)) {
                agreeing += j.weight;
            } else if (!j.revealed || j.score != Consensus.ABSTAIN) {
                Reason reason = j.revealed ? Reason.Deviant : Reason.NotRevealed;
                uint256 bps = j.revealed ? _rules[h.taskId].slashDeviant : _rules[h.taskId].slashNotRevealed;
                _burn(h.taskId, h.round, _takeOwn(h.taskId, h.round, j.juror, j.weight, bps, reason));
            }
        }
        uint256 paid;
        for (uint256 i; i < count; ++i) {
            Juror memory j = _jurors[h.taskId][h.round][place][i];
            if (!_agrees(h, j)) continue;
            uint256 amount = pot * j.weight / agreeing;
            paid += amount;
            _credit(stakeToken, j.juror, amount);
            emit Rewarded(h.taskId, h.round, j.juror, Role.Validator, stakeToken, amount);
        }
        _burn(h.taskId, h.round, pot - paid);
    }

    function _agrees(Hearing memory h, Juror memory j) private pure returns (bool) {
        return j.revealed && j.score != Consensus.ABSTAIN && !_differs(j.score, h.score, h.tolerance);
    }

    /// Whether `score` is not `truth`, by kind or by more than the tolerance.
    function _differs(uint256 score, uint256 truth, uint256 tolerance) private pure returns (bool) {
        if (score == truth) return false;
        if (score >= Consensus.ABSTAIN || truth >= Consensus.ABSTAIN) return true;
        uint256 distance = score > truth ? score - truth : truth - score;
        return distance * 1e18 > tolerance * truth;
    }

    function _hasRevealed(uint128 result) private pure returns (bool) {
        uint256 code = uint8(result);
        return code != uint256(Reason.NotSealed) + 1 && code != uint256(Reason.NotRevealed) + 1;
    }

    function _member(Hearing memory h, uint256 position) private view returns (Enrolment memory) {
        return _enrolments[h.taskId][h.round][_dealt(h.taskId, h.round, h.batch, position)];
    }
}
