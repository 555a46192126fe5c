// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Phase, Reason, Role, Round, Share, Submission, Task, Verdict} from "../Types.sol";
import {
    AlreadyPaid,
    NoSuchSubmission,
    NotAWinner,
    NothingOwed,
    NothingToDo,
    NothingToRefund,
    NotRanked,
    WrongPhase
} from "../Errors.sol";
import {Rewards} from "../libraries/Rewards.sol";
import {Ranking} from "./Ranking.sol";

/// Turns a ranked or void round into balances, and balances into transfers. Anyone may call
/// any of it; money only ever goes to whom it belongs.
abstract contract Payments is Ranking {
    using SafeERC20 for IERC20;

    bytes32 private constant PAID_RECORD = bytes32(uint256(1));

    /// Credits winners, by submission index.
    function payTrainers(uint256 taskId, uint256 round, uint256[] calldata indices) external {
        Round storage r = _rounds[taskId][round];
        if (!r.ranked) revert NotRanked(taskId, round);
        for (uint256 j; j < indices.length; ++j) _payTrainer(taskId, round, r, indices[j]);
    }

    function _payTrainer(uint256 taskId, uint256 round, Round storage r, uint256 i) private {
        uint32 place = _ranks[taskId][round][i];
        if (place == PAID) revert AlreadyPaid(taskId, round, i);
        if (place == 0 || place == SLASHED) revert NotAWinner(i);
        _ranks[taskId][round][i] = PAID;
        Submission memory s = _submissions[taskId][round][i];
        uint256 weight = Rewards.trainerWeight(place, _rules[taskId].q, s.weight, _rules[taskId].alpha);
        uint256 amount = Rewards.share(r.trainerReward, weight, r.trainerPay);
        _reward(taskId, round, s.trainer, Role.Trainer, _tasks[taskId].bountyToken, amount);
    }

    /// Credits the validators of one batch. The round is done when all batches are.
    function payValidators(uint256 taskId, uint256 round, uint256 batch, Verdict calldata verdict) external {
        Round storage r = _rounds[taskId][round];
        if (!r.ranked) revert NotRanked(taskId, round);
        if (_records[taskId][round][batch] == PAID_RECORD) revert AlreadyPaid(taskId, round, batch);
        _checkRecord(taskId, round, batch, verdict);
        _records[taskId][round][batch] = PAID_RECORD;
        for (uint256 p; p < verdict.results.length; ++p) {
            uint256 weight = verdict.results[p] >> 8;
            if (weight == 0) continue;
            _payValidator(taskId, round, _enrolments[taskId][round][_dealt(taskId, round, batch, p)].validator, weight);
        }
        if (++r.paidBatches == _batches(taskId, round)) _finish(taskId, round);
    }

    function _payValidator(uint256 taskId, uint256 round, address validator, uint256 weight) private {
        Round storage r = _rounds[taskId][round];
        if (r.upheld > 0 && _findings[taskId][round][validator] == FORFEITED) return;
        uint256 amount = Rewards.share(r.validatorReward, weight, r.validatorPay);
        _reward(taskId, round, validator, Role.Validator, _tasks[taskId].bountyToken, amount);
        amount = Rewards.share(r.slashPot, weight, r.validatorPay);
        if (amount > 0) _reward(taskId, round, validator, Role.Validator, stakeToken, amount);
    }

    /// Closes a void round: stakes are free again, the reward rolls over, and a creator at
    /// fault pays: half of the slash to the round's trainers in equal parts, half burned.
    function closeVoid(uint256 taskId, uint256 round) external in_(taskId, round, Phase.Void) {
        Round storage r = _rounds[taskId][round];
        if (r.done) revert NothingToDo(taskId, round, Phase.Void);
        _requireTurn(taskId, round);
        Task storage t = _tasks[taskId];
        t.carry = uint128(_roundReward(taskId, round));
        uint256 bps = r.key == 0 ? _rules[taskId].slashKey : r.badShards > 0 ? _rules[taskId].slashShard : 0;
        if (bps > 0 && r.submissions > 0) {
            uint256 amount = uint256(t.bond) * bps / BPS;
            t.bond -= uint128(amount);
            r.voidShare = uint128(amount / 2 / r.submissions);
            _burn(taskId, round, amount - uint256(r.voidShare) * r.submissions);
            emit Slashed(
                taskId, round, t.creator, r.key == 0 ? Reason.KeyWithheld : Reason.ShardMismatch, amount
            );
        }
        emit RoundVoided(taskId, round, r.voidShare);
        _finish(taskId, round);
    }

    /// Credits trainers of a void round with their part of the creator's bond, by submission index.
    function payVoid(uint256 taskId, uint256 round, uint256[] calldata indices) external {
        Round storage r = _rounds[taskId][round];
        if (!r.done || r.ranked) revert WrongPhase(taskId, round, phaseOf(taskId, round), Phase.Void);
        for (uint256 j; j < indices.length; ++j) {
            uint256 i = indices[j];
            if (i >= r.submissions) revert NoSuchSubmission(taskId, round, i);
            if (_ranks[taskId][round][i] == PAID) revert AlreadyPaid(taskId, round, i);
            _ranks[taskId][round][i] = PAID;
            _reward(taskId, round, _submissions[taskId][round][i].trainer, Role.Trainer, stakeToken, r.voidShare);
        }
    }

    /// Sends `account` what it is owed in `token`.
    function claim(address token, address account) external nonReentrant returns (uint256 amount) {
        amount = _owed[token][account];
        if (amount == 0) revert NothingOwed(token, account);
        _owed[token][account] = 0;
        emit Claimed(token, account, amount);
        IERC20(token).safeTransfer(account, amount);
    }

    /// After the last round: credits `funder` with its part of the bounty that no round gave away.
    function refund(uint256 taskId, address funder) external {
        Task storage t = _tasks[taskId];
        uint256 put = fundedBy[taskId][funder];
        uint256 amount = Rewards.share(t.refund, put, t.funded);
        if (amount == 0) revert NothingToRefund(taskId, funder);
        fundedBy[taskId][funder] = 0;
        _credit(t.bountyToken, funder, amount);
        emit Refunded(taskId, funder, amount);
    }

    function _reward(uint256 taskId, uint256 round, address account, Role role, address token, uint256 amount) private {
        emit Rewarded(taskId, round, account, role, token, amount);
        Share storage s = _shares[taskId][round][account];
        if (s.delegated > 0) {
            // f * (1 - sigma) * delegated / (own + delegated) is the delegators'.
            uint256 part = Rewards.share(amount * (1e18 - s.sigma) / 1e18, s.delegated, uint256(s.own) + s.delegated);
            // forge-lint: disable-start(unsafe-typecast)
            if (token == stakeToken) s.stake += uint128(part);
            else s.bounty += uint128(part);
            // forge-lint: disable-end(unsafe-typecast)
            amount -= part;
        }
        _credit(token, account, amount);
    }

    function _finish(uint256 taskId, uint256 round) private {
        _rounds[taskId][round].done = true;
        emit RoundDone(taskId, round);
        Task storage t = _tasks[taskId];
        if (++t.doneRounds < _clocks[taskId].rounds) return;
        t.refund = t.pool;
        t.pool = 0;
        t.carry = 0;
        uint256 bond = t.bond;
        t.bond = 0;
        _credit(stakeToken, t.creator, bond);
        emit BondReturned(taskId, t.creator, bond);
    }
}
