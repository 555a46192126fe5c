// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Phase, Role, Round, Submission} from "../Types.sol";
import {CommitmentMismatch, KeyAlreadyRevealed, KeyMismatch, RoundFull} from "../Errors.sol";
import {Committees} from "../libraries/Committees.sol";
import {Stakes} from "./Stakes.sol";

/// Adapters, sealed until nobody can submit any more, then opened together with the round's key.
abstract contract Submissions is Stakes {
    uint256 internal constant ORDER_BITS = 48;
    /// As many submissions as even the largest committee takes.
    uint256 private constant SURELY_ROOM = 50;

    /// Seals an adapter: commitment = keccak256(abi.encode(taskId, round, trainer, adapterDigest, salt)).
    /// A later one replaces it and takes its later place in the order.
    function submit(uint256 taskId, uint256 round, bytes32 commitment) external in_(taskId, round, Phase.Submit) {
        _engage(taskId, round, Role.Trainer, _tasks[taskId].trainerMinStake);
        uint32 order = ++_rounds[taskId][round].commitments;
        _commitments[taskId][round][msg.sender] = (uint256(commitment) >> ORDER_BITS << ORDER_BITS) | order;
        emit Submitted(taskId, round, msg.sender, commitment, order);
    }

    /// Opens the caller's adapter; the digest is the SHA-256 of its UnixFS root block (CIDv1 dag-pb).
    function open(uint256 taskId, uint256 round, bytes32 adapterDigest, bytes32 salt)
        external
        in_(taskId, round, Phase.Open)
    {
        _openCommitment(taskId, round, keccak256(abi.encode(taskId, round, msg.sender, adapterDigest, salt)));
        (uint256 index, Submission memory s) = _enter(taskId, round);
        emit Opened(taskId, round, msg.sender, index, adapterDigest, salt, s.weight, s.own);
    }

    /// Only the order stays: a commitment opens once.
    function _openCommitment(uint256 taskId, uint256 round, bytes32 commitment) private {
        uint256 sealed_ = _commitments[taskId][round][msg.sender];
        if (sealed_ == 0 || sealed_ >> ORDER_BITS != uint256(commitment) >> ORDER_BITS) {
            revert CommitmentMismatch(taskId, round, msg.sender);
        }
        _commitments[taskId][round][msg.sender] = sealed_ & ((1 << ORDER_BITS) - 1);
    }

    function _enter(uint256 taskId, uint256 round) private returns (uint256 index, Submission memory s) {
        Round storage r = _rounds[taskId][round];
        index = r.submissions++;
        if (index >= SURELY_ROOM) _requireRoom(taskId, round, index);
        (uint48 weight, uint48 own) = _weigh(taskId, round, msg.sender);
        s = Submission(msg.sender, weight, own);
        _submissions[taskId][round][index] = s;
        r.trainerStake += own;
    }

    function _requireRoom(uint256 taskId, uint256 round, uint256 index) private view {
        uint256 limit = Committees.capacity(_rounds[taskId][round].enrolled, _rules[taskId].committeeSize);
        if (index >= limit) revert RoundFull(taskId, round, limit);
    }

    /// Publishes the round's key; whoever knows it may.
    function revealKey(uint256 taskId, uint256 round, bytes32 key) external in_(taskId, round, Phase.Open) {
        Round storage r = _rounds[taskId][round];
        if (r.key != 0) revert KeyAlreadyRevealed(taskId, round);
        if (key == 0 || keccak256(abi.encode(key)) != r.keyHash) revert KeyMismatch(taskId, round);
        r.key = key;
        emit KeyRevealed(taskId, round, key);
    }
}
