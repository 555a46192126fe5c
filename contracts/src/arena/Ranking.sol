// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Enrolment, Phase, Reason, Round, Rules, Submission, Task, Verdict} from "../Types.sol";
import {
    AlreadyRanked,
    BadLength,
    NoSuchSubmission,
    NotAWinner,
    NotSlashable,
    OutOfOrder
} from "../Errors.sol";
import {Consensus} from "../libraries/Consensus.sol";
import {Order} from "../libraries/Order.sol";
import {Rewards} from "../libraries/Rewards.sol";
import {Dealing} from "./Dealing.sol";

/// After the dispute window: anyone posts the round's order, in as many pages as they like, and
/// the contract checks that it is strictly ascending and complete. Then slashes and pools are fixed.
abstract contract Ranking is Dealing {
    /// In _ranks, beside ranks from 1.
    uint32 internal constant SLASHED = type(uint32).max;
    uint32 internal constant PAID = type(uint32).max - 1;

    /// A round's scores, unpacked from its verdicts.
    struct Table {
        uint256 taskId;
        uint256 round;
        /// By submission: its consensus, and the base model's in its batch.
        uint256[] score;
        uint256[] base;
        uint256 step;
        uint256 winners;
        uint256 slashable;
    }

    /// @param verdicts of all batches, as in their BatchSettled events.
    /// @param order indices of winners, best first, following those ranked before.
    /// @param slashed indices of submissions that are INVALID or worse than the base model by more than the margin.
    function rank(
        uint256 taskId,
        uint256 round,
        Verdict[] calldata verdicts,
        uint256[] calldata order,
        uint256[] calldata slashed
    ) external in_(taskId, round, Phase.Final) {
        Round storage r = _rounds[taskId][round];
        if (r.ranked) revert AlreadyRanked(taskId, round);
        _requireTurn(taskId, round);
        Rules memory rules = _rules[taskId];
        Table memory table = _table(taskId, round, verdicts, rules);
        _rankPage(table, order, rules);
        for (uint256 j; j < slashed.length; ++j) _slashTrainer(table, slashed[j], rules);
        r.slashedTrainers += uint32(slashed.length);
        if (r.ranks == table.winners && r.slashedTrainers == table.slashable) _conclude(taskId, round, verdicts, rules);
    }

    function _table(uint256 taskId, uint256 round, Verdict[] calldata verdicts, Rules memory rules)
        private
        view
        returns (Table memory t)
    {
        uint256 batches = _batches(taskId, round);
        if (verdicts.length != batches) revert BadLength(verdicts.length, batches);
        uint256 m = _rounds[taskId][round].submissions;
        (t.taskId, t.round) = (taskId, round);
        t.score = new uint256[](m);
        t.base = new uint256[](m);
        uint256 lowest = Consensus.ABSTAIN;
        uint256 filled;
        for (uint256 b; b < batches; ++b) {
            _checkRecord(taskId, round, b, verdicts[b]);
            uint256 base = _fill(t, b, filled, verdicts[b].consensus);
            filled += verdicts[b].consensus.length / 4 - 1;
            if (base < lowest) lowest = base;
        }
        t.step = Order.step(lowest, rules.eta);
        for (uint256 i; i < m; ++i) {
            if (Order.wins(t.score[i], t.base[i], t.step)) ++t.winners;
            else if (_isSlashable(t, i, rules)) ++t.slashable;
        }
    }

    /// Puts a batch's scores from place `i` on into the table. @return base the base model's.
    function _fill(Table memory t, uint256 batch, uint256 i, bytes calldata consensus) private view returns (uint256 base) {
        bool upheld = _rounds[t.taskId][t.round].upheld > 0;
        base = _corrected(t, batch, 0, Consensus.scoreAt(consensus, 0), upheld);
        for (uint256 item = 1; item < consensus.length / 4; ++item) {
            t.score[i] = _corrected(t, batch, item, Consensus.scoreAt(consensus, item), upheld);
            t.base[i] = base;
            ++i;
        }
    }

    function _isSlashable(Table memory t, uint256 i, Rules memory rules) private pure returns (bool) {
        return t.score[i] == Consensus.INVALID || Order.isWorse(t.score[i], t.base[i], rules.margin);
    }

    function _rankPage(Table memory t, uint256[] calldata order, Rules memory rules) private {
        Round storage r = _rounds[t.taskId][t.round];
        uint256 last = r.lastRanked;
        uint256 pay = r.trainerPay;
        uint256 k = r.ranks;
        for (uint256 j; j < order.length; ++j) {
            uint256 i = order[j];
            if (i >= t.score.length) revert NoSuchSubmission(t.taskId, t.round, i);
            if (!Order.wins(t.score[i], t.base[i], t.step)) revert NotAWinner(i);
            Submission memory s = _submissions[t.taskId][t.round][i];
            uint256 place = (t.score[i] / t.step) << 64 | _commitments[t.taskId][t.round][s.trainer];
            if (place <= last) revert OutOfOrder(i);
            last = place;
            pay += Rewards.trainerWeight(++k, rules.q, s.weight, rules.alpha);
            _ranks[t.taskId][t.round][i] = uint32(k);
            emit Ranked(t.taskId, t.round, i, s.trainer, k);
        }
        r.lastRanked = last;
        r.trainerPay = pay;
        r.ranks = uint32(k);
    }

    function _slashTrainer(Table memory t, uint256 i, Rules memory rules) private {
        if (i >= t.score.length) revert NoSuchSubmission(t.taskId, t.round, i);
        if (!_isSlashable(t, i, rules) || _ranks[t.taskId][t.round][i] != 0) revert NotSlashable(i);
        _ranks[t.taskId][t.round][i] = SLASHED;
        bool invalid = t.score[i] == Consensus.INVALID;
        Submission memory s = _submissions[t.taskId][t.round][i];
        uint256 bps = invalid ? rules.slashInvalid : rules.slashWorse;
        _slash(t.taskId, t.round, s.trainer, s.own, bps, invalid ? Reason.InvalidAdapter : Reason.WorseThanBase);
    }

    /// The order is complete: slashes the validators who failed, and fixes both pools.
    function _conclude(uint256 taskId, uint256 round, Verdict[] calldata verdicts, Rules memory rules) private {
        for (uint256 b; b < verdicts.length; ++b) {
            uint128[] calldata results = verdicts[b].results;
            for (uint256 p; p < results.length; ++p) {
                uint256 code = uint8(results[p]);
                if (code != 0) _slashMember(taskId, round, b, p, Reason(code - 1), rules);
            }
        }
        _givePools(taskId, round, _roundReward(taskId, round), rules.gamma);
    }

    /// What neither pool gets stays with the task, for the next round.
    function _givePools(uint256 taskId, uint256 round, uint256 reward, uint256 gamma) internal {
        Round storage r = _rounds[taskId][round];
        Task storage t = _tasks[taskId];
        (uint256 trainers, uint256 validators) = Rewards.pools(reward, gamma, r.trainerStake, r.validatorStake);
        if (r.trainerPay == 0) trainers = 0;
        if (r.validatorPay == 0) {
            validators = 0;
            _burn(taskId, round, r.slashPot);
            r.slashPot = 0;
        }
        t.pool -= uint128(trainers + validators);
        t.carry = uint128(reward - trainers - validators);
        r.trainerReward = uint128(trainers);
        r.validatorReward = uint128(validators);
        r.ranked = true;
        emit RoundSettled(taskId, round, trainers, validators, r.ranks);
    }

    function _slashMember(uint256 taskId, uint256 round, uint256 b, uint256 p, Reason reason, Rules memory rules)
        private
    {
        Enrolment memory e = _enrolments[taskId][round][_dealt(taskId, round, b, p)];
        if (_findings[taskId][round][e.validator] == PARDONED) return;
        _slash(taskId, round, e.validator, e.own, _slashOf(reason, rules), reason);
    }

    function _slashOf(Reason reason, Rules memory rules) private pure returns (uint256) {
        if (reason == Reason.NotSealed) return rules.slashNotSealed;
        if (reason == Reason.NotRevealed) return rules.slashNotRevealed;
        return reason == Reason.Deviant ? rules.slashDeviant : rules.slashVerdict;
    }

    /// An item's consensus, or what a jury put in its place, if there was any.
    function _corrected(Table memory t, uint256 batch, uint256 item, uint256 score, bool any)
        private
        view
        returns (uint256)
    {
        if (!any) return score;
        uint256 correction = _corrections[t.taskId][t.round][batch << 16 | item];
        return correction == 0 ? score : correction - 1;
    }

    /// What the round has to give: what was rolled over, and its even part of the rest.
    function _roundReward(uint256 taskId, uint256 round) internal view returns (uint256) {
        Task storage t = _tasks[taskId];
        return t.carry + (uint256(t.pool) - t.carry) / (_clocks[taskId].rounds - round);
    }
}
