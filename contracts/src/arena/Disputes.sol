// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Dispute, Juror, Phase, Role} from "../Types.sol";
import {AlreadyDisputed, JuryFull, NoSuchBatch, NotAJuror, SealMismatch} from "../Errors.sol";
import {Engaging} from "./Engaging.sol";
import {Hearings} from "./Hearings.sol";

/// In the dispute window anyone may bond and put one item of a settled batch before a jury: whoever has
/// a validator's stake in the task and wants to sit. Jurors seal and reveal one score each, after the window,
/// in phases as long as the round's own. The jury's weighted median takes the consensus's place when
/// the jury weighs at least as much as the members who revealed, and it differs by more than the tolerance.
abstract contract Disputes is Hearings, Engaging {
    uint256 internal constant MAX_JURORS = 256;

    /// Puts up a bond of the task's smallest validator's stake.
    /// @param item as in the batch's verdict: 0 the base model.
    function dispute(uint256 taskId, uint256 round, uint256 batch, uint256 item)
        external
        nonReentrant
        in_(taskId, round, Phase.Dispute)
    {
        _requireJuryPhase(taskId, round, Phase.Dispute);
        (uint256 from, uint256 to) = _range(taskId, round, batch);
        if (item > to - from) revert NoSuchBatch(taskId, round, batch);
        Dispute storage d = _disputes[taskId][round][batch << 16 | item];
        if (d.disputer != address(0)) revert AlreadyDisputed(taskId, round, batch, item);
        uint256 bond = _pull(stakeToken, _tasks[taskId].validatorMinStake);
        d.disputer = msg.sender;
        // forge-lint: disable-next-line(unsafe-typecast)
        d.bond = uint96(bond);
        _rounds[taskId][round].disputes++;
        emit Disputed(taskId, round, msg.sender, batch, item, bond);
    }

    /// Sits in the jury: seal = keccak256(abi.encode(taskId, round, batch, item, juror, salt, score)). A second
    /// time, with the index of the first, replaces the seal.
    function sealJury(uint256 taskId, uint256 round, uint256 batch, uint256 item, uint256 index, bytes32 seal_) external {
        _requireJuryPhase(taskId, round, Phase.Validate);
        uint256 place = batch << 16 | item;
        Dispute storage d = _openDispute(taskId, round, batch, item);
        Juror storage j = _jurors[taskId][round][place][index];
        if (j.juror != msg.sender) {
            if (index != d.jurors || _sits[taskId][round][place][msg.sender]) revert NotAJuror(taskId, round, msg.sender);
            if (index >= MAX_JURORS) revert JuryFull(MAX_JURORS);
            _engage(taskId, round, Role.Validator, _tasks[taskId].validatorMinStake);
            _sits[taskId][round][place][msg.sender] = true;
            d.jurors++;
            j.juror = msg.sender;
            j.weight = _cap(_stakes[taskId][msg.sender].amount / weightUnit);
        }
        j.seal = seal_;
        emit JurySealed(taskId, round, msg.sender, batch, item, seal_, j.weight);
    }

    /// Reveals the caller's score, as the juror of this index.
    function revealJury(
        uint256 taskId,
        uint256 round,
        uint256 batch,
        uint256 item,
        uint256 index,
        uint32 score,
        bytes32 salt
    ) external {
        _requireJuryPhase(taskId, round, Phase.Reveal);
        Juror storage j = _jurors[taskId][round][batch << 16 | item][index];
        if (j.juror != msg.sender) revert NotAJuror(taskId, round, msg.sender);
        if (j.seal != keccak256(abi.encode(taskId, round, batch, item, msg.sender, salt, score))) {
            revert SealMismatch(taskId, round, msg.sender);
        }
        j.score = score;
        j.revealed = true;
        emit JuryRevealed(taskId, round, msg.sender, batch, item, score);
    }
}
