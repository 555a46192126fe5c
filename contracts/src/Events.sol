// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Clock, Reason, Role, Rules} from "./Types.sol";

/// Everything that happens, in enough detail to rebuild the whole state from logs.
interface Events {
    event TaskCreated(
        uint256 indexed taskId,
        address indexed creator,
        bytes32 specDigest,
        address bountyToken,
        uint128 bond,
        uint128 trainerMinStake,
        uint128 validatorMinStake,
        bytes32 allowlistRoot,
        Clock clock,
        Rules rules,
        bytes32[] keyHashes,
        bytes32[] plaintextDigests
    );
    /// `amount` is what arrived, which a fee may have made less than what was sent.
    event TaskFunded(uint256 indexed taskId, address indexed funder, uint256 amount);
    event AllowlistLifted(uint256 indexed taskId);

    /// `amount` was added, `total` is the account's own stake now.
    event Staked(uint256 indexed taskId, address indexed account, Role role, uint256 amount, uint256 total, uint40 lockUntil);
    event Unstaked(uint256 indexed taskId, address indexed account, uint256 amount, uint256 total);

    /// `order` breaks ties: the earlier commitment wins its grid cell.
    event Submitted(uint256 indexed taskId, uint256 indexed round, address indexed trainer, bytes32 commitment, uint32 order);
    event Opened(
        uint256 indexed taskId,
        uint256 indexed round,
        address indexed trainer,
        uint256 index,
        bytes32 adapterDigest,
        bytes32 salt,
        uint48 weight,
        uint48 own
    );
    event KeyRevealed(uint256 indexed taskId, uint256 indexed round, bytes32 key);

    event Enrolled(
        uint256 indexed taskId, uint256 indexed round, address indexed validator, uint256 index, uint48 weight, uint48 own
    );
    /// The hash of block `seedBlock` will be the seed, once that block is past.
    event SeedRequested(uint256 indexed taskId, uint256 indexed round, uint256 seedBlock);
    event SeedFixed(uint256 indexed taskId, uint256 indexed round, bytes32 seed);
    event ScoresSealed(uint256 indexed taskId, uint256 indexed round, address indexed validator, bytes32 seal);
    /// `vector`: packed uint32 micro-bits per byte, item 0 the base model.
    event ScoresRevealed(
        uint256 indexed taskId, uint256 indexed round, address indexed validator, uint256 batch, bytes vector
    );

    /// `consensus` like a vector; one result per committee position: pay weight << 8 | (0, or 1 + Reason).
    event BatchSettled(
        uint256 indexed taskId, uint256 indexed round, uint256 indexed batch, address poster, bytes consensus, uint128[] results
    );
    /// `rank` from 1.
    event Ranked(uint256 indexed taskId, uint256 indexed round, uint256 indexed index, address trainer, uint256 rank);
    event RoundSettled(
        uint256 indexed taskId, uint256 indexed round, uint256 trainerReward, uint256 validatorReward, uint256 winners
    );
    event RoundVoided(uint256 indexed taskId, uint256 indexed round, uint256 voidShare);
    event RoundDone(uint256 indexed taskId, uint256 indexed round);

    /// `amount` of `token` became claimable; with delegation a part of it by the account's vault (see Collected).
    event Rewarded(
        uint256 indexed taskId, uint256 indexed round, address indexed account, Role role, address token, uint256 amount
    );
    event Slashed(uint256 indexed taskId, uint256 indexed round, address indexed account, Reason reason, uint256 amount);
    event Burned(uint256 indexed taskId, uint256 indexed round, uint256 amount);
    /// `batch` and `item` as in a verdict; item 0 is the base model.
    event Disputed(
        uint256 indexed taskId, uint256 indexed round, address indexed disputer, uint256 batch, uint256 item, uint256 bond
    );
    event JurySealed(
        uint256 indexed taskId, uint256 indexed round, address indexed juror, uint256 batch, uint256 item, bytes32 seal, uint48 weight
    );
    event JuryRevealed(
        uint256 indexed taskId, uint256 indexed round, address indexed juror, uint256 batch, uint256 item, uint32 score
    );
    /// `upheld`: the consensus of the item is `score` from now on.
    event DisputeResolved(
        uint256 indexed taskId, uint256 indexed round, uint256 batch, uint256 item, bool upheld, uint32 score
    );

    event VaultSet(address indexed operator, address indexed vault);
    event SharingSet(uint256 indexed taskId, address indexed operator, uint64 sigma);
    /// Delegated stake of an operator in a task changed to `total` wei.
    event Backed(uint256 indexed taskId, address indexed operator, uint256 total);
    event Collected(uint256 indexed taskId, uint256 indexed round, address indexed operator, address token, uint256 amount);

    event Claimed(address indexed token, address indexed account, uint256 amount);
    event Refunded(uint256 indexed taskId, address indexed funder, uint256 amount);
    event BondReturned(uint256 indexed taskId, address indexed creator, uint256 amount);
}
