// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {
    Backing,
    Clock,
    Dispute,
    Enrolment,
    Juror,
    Phase,
    Role,
    Round,
    Rules,
    Share,
    Stake,
    Submission,
    Task,
    TaskParams,
    Verdict
} from "./Types.sol";

/// All that the arena answers to, its back office included. The functions are documented where they are written.
interface IArena {
    function back(uint256 taskId, address operator, uint128 amount) external;
    function claim(address token, address account) external returns (uint256 amount);
    function closeVoid(uint256 taskId, uint256 round) external;
    function collect(uint256 taskId, uint256 round, address operator, address token) external returns (uint256 amount);
    function createTask(TaskParams calldata p) external returns (uint256 taskId);
    function dispute(uint256 taskId, uint256 round, uint256 batch, uint256 item) external;
    function enroll(uint256 taskId, uint256 round) external;
    function fixSeed(uint256 taskId, uint256 round) external;
    function fund(uint256 taskId, uint128 amount) external;
    function lapse(uint256 taskId, uint256 round, uint256 batch, uint256 item) external;
    function liftAllowlist(uint256 taskId) external;
    function open(uint256 taskId, uint256 round, bytes32 adapterDigest, bytes32 salt) external;
    function payTrainers(uint256 taskId, uint256 round, uint256[] calldata indices) external;
    function payValidators(uint256 taskId, uint256 round, uint256 batch, Verdict calldata verdict) external;
    function payVoid(uint256 taskId, uint256 round, uint256[] calldata indices) external;
    function rank(uint256 taskId, uint256 round, Verdict[] calldata verdicts, uint256[] calldata order, uint256[] calldata slashed) external;
    function refund(uint256 taskId, address funder) external;
    function resolve(uint256 taskId, uint256 round, uint256 batch, uint256 item, uint32 score, Verdict calldata verdict, bytes calldata vectors) external;
    function reveal(uint256 taskId, uint256 round, uint256 batch, address[] calldata validators, bytes32[] calldata salts, bytes calldata vectors) external;
    function revealJury(uint256 taskId, uint256 round, uint256 batch, uint256 item, uint256 index, uint32 score, bytes32 salt) external;
    function revealKey(uint256 taskId, uint256 round, bytes32 key) external;
    function seal(uint256 taskId, uint256 round, bytes32 seal_) external;
    function sealFor(uint256 taskId, uint256 round, address[] calldata validators, bytes32[] calldata seals, bytes calldata signatures) external;
    function sealJury(uint256 taskId, uint256 round, uint256 batch, uint256 item, uint256 index, bytes32 seal_) external;
    function setSharing(uint256 taskId, uint64 sigma) external;
    function setVault(address vault) external;
    function settle(uint256 taskId, uint256 round, uint256 batch, bytes calldata consensus, bytes calldata vectors) external;
    function stake(uint256 taskId, Role role, uint128 amount, uint40 lockUntil, bytes32[] calldata proof) external;
    function submit(uint256 taskId, uint256 round, bytes32 commitment) external;
    function unback(uint256 taskId, address operator, uint128 amount) external;
    function unstake(uint256 taskId, uint128 amount) external;
    function backOffice() external view returns (address);
    function backingOf(uint256 taskId, address operator) external view returns (Backing memory);
    function batchCount(uint256 taskId, uint256 round) external view returns (uint256);
    function batchRange(uint256 taskId, uint256 round, uint256 batch) external view returns (uint256 from, uint256 to);
    function bountyTokenOf(uint256 taskId) external view returns (address);
    function commitmentOf(uint256 taskId, uint256 round, address trainer) external view returns (uint256);
    function committeeOf(uint256 taskId, uint256 round, uint256 batch) external view returns (address[] memory members);
    function currentRound(uint256 taskId) external view returns (uint256);
    function disputeOf(uint256 taskId, uint256 round, uint256 batch, uint256 item) external view returns (Dispute memory);
    function enrolmentOf(uint256 taskId, uint256 round, uint256 index) external view returns (Enrolment memory);
    function fundedBy(uint256 taskId, address funder) external view returns (uint256);
    function hasEnded(uint256 taskId) external view returns (bool);
    function isDone(uint256 taskId, uint256 round) external view returns (bool);
    function jurorOf(uint256 taskId, uint256 round, uint256 batch, uint256 item, uint256 index) external view returns (Juror memory);
    function juryPhaseOf(uint256 taskId, uint256 round) external view returns (Phase);
    function owed(address token, address account) external view returns (uint256);
    function phaseOf(uint256 taskId, uint256 round) external view returns (Phase phase);
    function rankOf(uint256 taskId, uint256 round, uint256 index) external view returns (uint32);
    function recordOf(uint256 taskId, uint256 round, uint256 batch) external view returns (bytes32);
    function roundOf(uint256 taskId, uint256 round) external view returns (Round memory r, Phase phase, uint256[7] memory ends);
    function scoresOf(uint256 taskId, uint256 round, address validator) external view returns (uint256);
    function shareOf(uint256 taskId, uint256 round, address operator) external view returns (Share memory);
    function stakeOf(uint256 taskId, address account) external view returns (Stake memory);
    function stakeToken() external view returns (address);
    function submissionOf(uint256 taskId, uint256 round, uint256 index) external view returns (Submission memory);
    function taskCount() external view returns (uint256);
    function taskOf(uint256 taskId) external view returns (Task memory task, Clock memory clock, Rules memory rules);
    function vaultOf(address operator) external view returns (address);
    function weightUnit() external view returns (uint256);
}
