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
        _requireValidate(taskId, round);
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
        _requireValidate(taskId, round);
        uint256 count = validators.length;
        if (seals.length != count) revert BadLength(seals.length, count);
        if (signatures.length != count * 65) revert BadLength(signatures.length, count * 65);
        Signing memory signing = Signing(taskId, round, _domain());
        mapping(address => uint256) storage scores = _scores[taskId][round];
        for (uint256 i; i < count; ++i) {
            _sealSigned(signing, scores, validators[i], seals[i], _vectorAt(signatures, i, 65));
        }
    }

    /// What all signatures of a call are for.
    struct Signing {
        uint256 taskId;
        uint256 round;
        bytes32 domain;
    }

    function _sealSigned(
        Signing memory s,
        mapping(address => uint256) storage scores,
        address validator,
        bytes32 seal_,
        bytes calldata signature
    ) private {
        bytes32 hash = keccak256(abi.encode(SEAL_TYPE, s.taskId, s.round, seal_));
        hash = keccak256(abi.encodePacked("\x19\x01", s.domain, hash));
        if (ECDSA.tryRecoverCalldata(hash, signature) != validator) revert SealMismatch(s.taskId, s.round, validator);
        if (scores[validator] != ENROLLED) revert NotEnrolled(s.taskId, s.round, validator);
        scores[validator] = uint256(seal_) & ~uint256(1);
        emit ScoresSealed(s.taskId, s.round, validator, seal_);
    }

    function _requireValidate(uint256 taskId, uint256 round) private view {
        Phase phase = _clockPhase(taskId, round);
        if (phase != Phase.Validate) revert WrongPhase(taskId, round, phase, Phase.Validate);
    }

    function _domain() private view returns (bytes32) {
        return keccak256(abi.encode(DOMAIN_TYPE, keccak256("Lanista"), keccak256("1"), block.chainid, address(this)));
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
        _revealAll(_placeOf(taskId, round, batch), validators, salts, vectors);
    }

    /// Where vectors belong, and the bytes of each.
    struct Place {
        uint256 taskId;
        uint256 round;
        uint256 batch;
        uint256 bytes_;
    }

    function _placeOf(uint256 taskId, uint256 round, uint256 batch) private view returns (Place memory) {
        return Place(taskId, round, batch, _vectorBytes(taskId, round, batch));
    }

    function _revealAll(
        Place memory place,
        address[] calldata validators,
        bytes32[] calldata salts,
        bytes calldata vectors
    ) private {
        if (salts.length != validators.length) revert BadLength(salts.length, validators.length);
        if (vectors.length != validators.length * place.bytes_) {
            revert BadLength(vectors.length, validators.length * place.bytes_);
        }
        for (uint256 i; i < validators.length;) {
            _revealOne(validators[i], salts[i], place, _vectorAt(vectors, i, place.bytes_));
            unchecked {
                ++i;
            }
        }
    }

    function _revealOne(address validator, bytes32 salt, Place memory place, bytes calldata vector) private {
        mapping(address => uint256) storage scores = _scores[place.taskId][place.round];
        bytes32 hash = keccak256(vector);
        if (scores[validator] != _sealed(place, validator, salt, hash)) revert SealMismatch(place.taskId, place.round, validator);
        scores[validator] = _revealed(hash, place.batch);
        emit ScoresRevealed(place.taskId, place.round, validator, place.batch, vector);
    }

    /// What _scores holds for a sealed vector.
    function _sealed(Place memory place, address validator, bytes32 salt, bytes32 hash) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(place.taskId, place.round, place.batch, validator, salt, hash))) & ~uint256(1);
    }

    function _vectorBytes(uint256 taskId, uint256 round, uint256 batch) internal view returns (uint256) {
        (uint256 from, uint256 to) = _range(taskId, round, batch);
        unchecked {
            return 4 * (1 + to - from);
        }
    }
}
