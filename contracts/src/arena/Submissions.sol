// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Phase, Role, Round, Submission} from "../Types.sol";
import {CommitmentMismatch, KeyAlreadyRevealed, KeyMismatch} from "../Errors.sol";
import {Stakes} from "./Stakes.sol";

/// Adapters, sealed until nobody can submit any more, then opened together with the round's key.
abstract contract Submissions is Stakes {
    uint256 internal constant ORDER_BITS = 48;

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
        uint256 sealed_ = _commitments[taskId][round][msg.sender];
        bytes32 commitment = keccak256(abi.encode(taskId, round, msg.sender, adapterDigest, salt));
        if (sealed_ == 0 || sealed_ >> ORDER_BITS != uint256(commitment) >> ORDER_BITS) {
            revert CommitmentMismatch(taskId, round, msg.sender);
        }
        // Only the order stays: a commitment opens once.
        _commitments[taskId][round][msg.sender] = sealed_ & ((1 << ORDER_BITS) - 1);
        Round storage r = _rounds[taskId][round];
        uint256 index = r.submissions++;
        (uint48 weight, uint48 own) = _weigh(taskId, round, msg.sender);
        _submissions[taskId][round][index] = Submission(msg.sender, weight, own);
        r.trainerStake += own;
        emit Opened(taskId, round, msg.sender, index, adapterDigest, salt, weight, own);
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
