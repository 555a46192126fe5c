// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {MerkleProofLib} from "solady/utils/MerkleProofLib.sol";
import {Role, Stake, Task} from "../Types.sol";
import {BadParameter, NoSuchTask, NotAllowed, StakeLocked, StakeTooSmall, WrongRole} from "../Errors.sol";
import {LockMultiplier} from "../libraries/LockMultiplier.sol";
import {Engaging} from "./Engaging.sol";

/// Stake per task and address. It leaves only to its owner, and only when no round that it
/// answers for is open and its lock is over.
abstract contract Stakes is Engaging {
    using SafeERC20 for IERC20;

    /// Adds to the caller's stake in a task. The first call chooses the role for good.
    /// @param lockUntil time (seconds) before which it cannot be withdrawn, 0 for none; never earlier than before.
    /// @param proof Merkle proof for the leaf keccak256(abi.encode(account)); empty where the task has no allowlist.
    function stake(uint256 taskId, Role role, uint128 amount, uint40 lockUntil, bytes32[] calldata proof)
        external
        nonReentrant
    {
        Task storage t = _tasks[taskId];
        if (t.creator == address(0)) revert NoSuchTask(taskId);
        if (role == Role.None) revert BadParameter("role", 0);
        Stake storage s = _stakes[taskId][msg.sender];
        if (s.role == Role.None) {
            bytes32 root = t.allowlistRoot;
            if (root != 0 && !MerkleProofLib.verifyCalldata(proof, root, keccak256(abi.encode(msg.sender)))) {
                revert NotAllowed(taskId, msg.sender);
            }
            s.role = role;
        } else if (s.role != role) {
            revert WrongRole(taskId, msg.sender, s.role, role);
        }
        if (lockUntil < s.lockUntil) lockUntil = s.lockUntil;
        if (lockUntil > block.timestamp + LockMultiplier.MAX_LOCK) revert BadParameter("lockUntil", lockUntil);
        s.lockUntil = lockUntil;
        uint256 received = amount == 0 ? 0 : _pull(stakeToken, amount);
        s.amount += uint128(received);
        emit Staked(taskId, msg.sender, role, received, s.amount, lockUntil);
    }

    /// Withdraws the caller's own stake, to the caller.
    function unstake(uint256 taskId, uint128 amount) external nonReentrant {
        Stake storage s = _stakes[taskId][msg.sender];
        _requireFree(taskId, msg.sender);
        if (block.timestamp < s.lockUntil) revert StakeLocked(taskId, msg.sender, s.lockUntil);
        if (amount > s.amount) revert StakeTooSmall(taskId, msg.sender, s.amount, amount);
        s.amount -= amount;
        emit Unstaked(taskId, msg.sender, amount, s.amount);
        IERC20(stakeToken).safeTransfer(msg.sender, amount);
    }
}
