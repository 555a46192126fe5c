// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ECDSA} from "solady/utils/ECDSA.sol";
import {Phase} from "../Types.sol";
import {BadLength, NotEnrolled, SealMismatch, WrongPhase} from "../Errors.sol";
import {Enrolments} from "./Enrolments.sol";

/// Score vectors: sealed by one word, revealed later, by the validator or by anyone who was
/// given vector and salt. One slot per validator and round says where it stands:
/// 0 not enrolled; 2 enrolled; other even numbers a seal; odd numbers a revealed vector,
/// as its hash with the lowest 16 bits replaced by batch << 1 | 1.
abstract contract Scores is Enrolments {
    bytes32 private constant DOMAIN_TYPE =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant SEAL_TYPE = keccak256("Seal(uint256 taskId,uint256 round,bytes32 seal)");

    /// Seals a vector: seal = keccak256(abi.encode(taskId, round, batch, validator, salt, keccak256(vector))),
    /// whose lowest bit the contract ignores. A later seal replaces it.
    function seal(uint256 taskId, uint256 round, bytes32 sealed_) external {
        Phase phase = _clockPhase(taskId, round);
        if (phase != Phase.Validate) revert WrongPhase(taskId, round, phase, Phase.Validate);
        if (_scores[taskId][round][msg.sender] == 0) revert NotEnrolled(taskId, round, msg.sender);
        _scores[taskId][round][msg.sender] = uint256(sealed_) & ~uint256(1);
        emit ScoresSealed(taskId, round, msg.sender, sealed_);
    }

    /// Seals for validators who signed for it, all in one transaction that anyone may send: a validator needs no
    /// gas for it. EIP-712, domain (name "Lanista", version "1", chainId, verifyingContract), message
    /// Seal(uint256 taskId,uint256 round,bytes32 seal). Good for a first seal only, so that no old one comes back.
    /// @param signatures 65 bytes each, one after the other.
    function sealFor(
        uint256 taskId,
        uint256 round,
        address[] calldata validators,
        bytes32[] calldata seals,
        bytes calldata signatures
    ) external {
        Phase phase = _clockPhase(taskId, round);
        if (phase != Phase.Validate) revert WrongPhase(taskId, round, phase, Phase.Validate);
        uint256 count = validators.length;
        if (seals.length != count) revert BadLength(seals.length, count);
        if (signatures.length != count * 65) revert BadLength(signatures.length, count * 65);
        bytes32 domain =
            keccak256(abi.encode(DOMAIN_TYPE, keccak256("Lanista"), keccak256("1"), block.chainid, address(this)));
        mapping(address => uint256) storage scores = _scores[taskId][round];
        for (uint256 i; i < count; ++i) {
            bytes32 hash = keccak256(abi.encode(SEAL_TYPE, taskId, round, seals[i]));
            hash = keccak256(abi.encodePacked("\x19\x01", domain, hash));
            address validator = validators[i];
            if (ECDSA.tryRecoverCalldata(hash, signatures[i * 65:i * 65 + 65]) != validator) {
                revert SealMismatch(taskId, round, validator);
            }
            if (scores[validator] != ENROLLED) revert NotEnrolled(taskId, round, validator);
            scores[validator] = uint256(seals[i]) & ~uint256(1);
            emit ScoresSealed(taskId, round, validator, seals[i]);
        }
    }

    /// Reveals the vectors of some validators of one batch. The salt proves that the validator
    /// gave the vector away; so one transaction can carry many validators' reveals.
    /// @param vectors the validators' vectors one after the other, each 4 bytes per item, item 0 the base model.
    function reveal(
        uint256 taskId,
        uint256 round,
        uint256 batch,
        address[] calldata validators,
        bytes32[] calldata salts,
        bytes calldata vectors
    ) external in_(taskId, round, Phase.Reveal) {
        uint256 bytes_ = _vectorBytes(taskId, round, batch);
        uint256 count = validators.length;
        if (salts.length != count) revert BadLength(salts.length, count);
        if (vectors.length != count * bytes_) revert BadLength(vectors.length, count * bytes_);
        mapping(address => uint256) storage scores = _scores[taskId][round];
        for (uint256 i; i < count;) {
            bytes calldata vector = vectors[i * bytes_:(i + 1) * bytes_];
            bytes32 hash = keccak256(vector);
            address validator = validators[i];
            uint256 sealed_ =
                uint256(keccak256(abi.encode(taskId, round, batch, validator, salts[i], hash))) & ~uint256(1);
            if (scores[validator] != sealed_) revert SealMismatch(taskId, round, validator);
            scores[validator] = _revealed(hash, batch);
            emit ScoresRevealed(taskId, round, validator, batch, vector);
            unchecked {
                ++i;
            }
        }
    }

    function _vectorBytes(uint256 taskId, uint256 round, uint256 batch) internal view returns (uint256) {
        (uint256 from, uint256 to) = _range(taskId, round, batch);
        unchecked {
            return 4 * (1 + to - from);
        }
    }
}
