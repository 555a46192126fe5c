// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {
    Backing,
    Clock,
    Dispute,
    Enrolment,
    Juror,
    Phase,
    Reason,
    Round,
    Rules,
    Share,
    Stake,
    Submission,
    Task
} from "../Types.sol";
import {NoSuchRound, NothingReceived, WrongPhase} from "../Errors.sol";
import {Events} from "../Events.sol";
import {Clocks} from "../libraries/Clocks.sol";
import {Committees} from "../libraries/Committees.sol";

/// What the arena remembers, and the few helpers that all of its parts share.
abstract contract State is Events, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// Slashed tokens that nobody gets go here: every ERC-20 can be sent to it, few can be burned.
    address internal constant BURN = 0x000000000000000000000000000000000000dEaD;
    uint256 internal constant BPS = 10_000;
    /// Slashed by its committee's majority for what a jury found right: the slash falls away.
    uint256 internal constant PARDONED = 1;
    /// Paid by its committee's majority for what a jury found wrong: the pay falls away.
    uint256 internal constant FORFEITED = 2;

    /// The token of stakes and bonds.
    address public immutable stakeToken;
    /// Wei of stake in one unit of weight: a millionth of a token.
    uint256 public immutable weightUnit;

    constructor(address stakeToken_) {
        stakeToken = stakeToken_;
        uint256 decimals = IERC20Metadata(stakeToken_).decimals();
        weightUnit = decimals > 6 ? 10 ** (decimals - 6) : 1;
    }

    uint256 public taskCount;
    mapping(uint256 taskId => Task) internal _tasks;
    mapping(uint256 taskId => Clock) internal _clocks;
    mapping(uint256 taskId => Rules) internal _rules;
    mapping(uint256 taskId => mapping(address funder => uint256 wei_)) public fundedBy;
    mapping(uint256 taskId => mapping(address account => Stake)) internal _stakes;
    mapping(uint256 taskId => mapping(uint256 round => Round)) internal _rounds;

    /// Top 208 bits of the commitment | 48 bits of its order, from 1.
    mapping(uint256 taskId => mapping(uint256 round => mapping(address trainer => uint256))) internal _commitments;
    mapping(uint256 taskId => mapping(uint256 round => mapping(uint256 index => Submission))) internal _submissions;
    /// Rank of a submission from 1; PAID when its reward has been credited.
    mapping(uint256 taskId => mapping(uint256 round => mapping(uint256 index => uint32))) internal _ranks;

    mapping(uint256 taskId => mapping(uint256 round => mapping(uint256 index => Enrolment))) internal _enrolments;
    /// See Scores: 0 not enrolled, then enrolled, sealed, revealed.
    mapping(uint256 taskId => mapping(uint256 round => mapping(address validator => uint256))) internal _scores;
    /// keccak256(abi.encode(consensus, results)) of a settled batch.
    mapping(uint256 taskId => mapping(uint256 round => mapping(uint256 batch => bytes32))) internal _records;

    mapping(address operator => address) public vaultOf;
    mapping(uint256 taskId => mapping(address operator => Backing)) internal _backings;
    mapping(uint256 taskId => mapping(uint256 round => mapping(address operator => Share))) internal _shares;

    /// By batch << 16 | item.
    mapping(uint256 taskId => mapping(uint256 round => mapping(uint256 place => Dispute))) internal _disputes;
    mapping(uint256 taskId => mapping(uint256 round => mapping(uint256 place => mapping(uint256 index => Juror)))) internal
        _jurors;
    mapping(uint256 taskId => mapping(uint256 round => mapping(uint256 place => mapping(address account => bool)))) internal
        _sits;
    /// 1 + the score that a jury put in a consensus's place.
    mapping(uint256 taskId => mapping(uint256 round => mapping(uint256 place => uint256))) internal _corrections;
    /// What a jury found about a member: PARDONED or FORFEITED.
    mapping(uint256 taskId => mapping(uint256 round => mapping(address validator => uint256))) internal _findings;

    mapping(address token => mapping(address account => uint256 wei_)) internal _owed;

    modifier in_(uint256 taskId, uint256 round, Phase needed) {
        Phase actual = phaseOf(taskId, round);
        if (actual != needed) revert WrongPhase(taskId, round, actual, needed);
        _;
    }

    /// The phase that `round` is in now. Void shows as soon as the round cannot be judged any more.
    function phaseOf(uint256 taskId, uint256 round) public view returns (Phase phase) {
        phase = _clockPhase(taskId, round);
        if (phase < Phase.Validate) return phase;
        Round storage r = _rounds[taskId][round];
        if (r.key == 0 || r.submissions == 0 || r.enrolled == 0) return Phase.Void;
        if (phase < Phase.Dispute) return phase;
        if (r.settledBatches < _batches(taskId, round)) return Phase.Void;
        if (phase == Phase.Final) {
            if (r.disputes > 0 && juryPhaseOf(taskId, round) != Phase.Final) return Phase.Dispute;
            if (r.badShards > 0) return Phase.Void;
        }
    }

    /// Where the juries of a disputed round are: disputes open (Dispute), then Validate, Reveal and
    /// Settle again, as long as the round's own, then Final.
    function juryPhaseOf(uint256 taskId, uint256 round) public view returns (Phase) {
        Clock memory c = _clocks[taskId];
        uint256 end = Clocks.endOf(c, round, Phase.Dispute);
        if (block.timestamp < end) return Phase.Dispute;
        if (block.timestamp < (end += c.validate)) return Phase.Validate;
        if (block.timestamp < (end += c.reveal)) return Phase.Reveal;
        if (block.timestamp < end + c.settle) return Phase.Settle;
        return Phase.Final;
    }

    function _clockPhase(uint256 taskId, uint256 round) internal view returns (Phase) {
        Clock memory c = _clocks[taskId];
        if (round >= c.rounds) revert NoSuchRound(taskId, round);
        return Clocks.phaseAt(c, round, block.timestamp);
    }

    function _batches(uint256 taskId, uint256 round) internal view returns (uint256) {
        Round storage r = _rounds[taskId][round];
        Rules storage rules = _rules[taskId];
        return Committees.batches(r.enrolled, r.submissions, rules.committeeSize, rules.batchSize);
    }

    /// Takes `amount` of `token` from the caller. @return received what arrived.
    function _pull(address token, uint256 amount) internal returns (uint256 received) {
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
        received = IERC20(token).balanceOf(address(this)) - before;
        if (received == 0 || received > amount) revert NothingReceived(token);
    }

    function _credit(address token, address account, uint256 amount) internal {
        _owed[token][account] += amount;
    }

    function _burn(uint256 taskId, uint256 round, uint256 amount) internal {
        if (amount == 0) return;
        _credit(stakeToken, BURN, amount);
        emit Burned(taskId, round, amount);
    }

    /// Slashes bps of `own` (weight units), no more than is there: half goes to the round's honest validators, half is burned.
    function _slash(uint256 taskId, uint256 round, address account, uint256 own, uint256 bps, Reason reason) internal {
        uint256 amount = _take(taskId, round, account, own, bps, reason);
        uint256 half = amount / 2;
        _rounds[taskId][round].slashPot += uint128(half);
        _burn(taskId, round, amount - half);
    }

    /// Takes bps of the account's own stake and, in the same proportion, of what was delegated to it for the round.
    function _take(uint256 taskId, uint256 round, address account, uint256 own, uint256 bps, Reason reason)
        internal
        returns (uint256 amount)
    {
        amount = _takeOwn(taskId, round, account, own, bps, reason);
        uint256 delegated = _shares[taskId][round][account].delegated;
        if (delegated > 0) {
            Backing storage b = _backings[taskId][account];
            uint256 part = delegated * weightUnit * bps / BPS;
            if (part > b.amount) part = b.amount;
            // forge-lint: disable-next-line(unsafe-typecast)
            b.amount -= uint128(part);
            amount += part;
            emit Slashed(taskId, round, vaultOf[account], reason, part);
            emit Backed(taskId, account, b.amount);
        }
    }

    function _takeOwn(uint256 taskId, uint256 round, address account, uint256 own, uint256 bps, Reason reason)
        internal
        returns (uint256 amount)
    {
        Stake storage s = _stakes[taskId][account];
        amount = own * weightUnit * bps / BPS;
        if (amount > s.amount) amount = s.amount;
        // forge-lint: disable-next-line(unsafe-typecast)
        s.amount -= uint128(amount);
        emit Slashed(taskId, round, account, reason, amount);
    }
}
