// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Backing, Clock, Phase, Role, Share} from "../Types.sol";
import {BadParameter, NothingOwed, NotVault, SharingFrozen, StakeTooSmall, VaultKnown, WrongRole} from "../Errors.sol";
import {Clocks} from "../libraries/Clocks.sol";
import {Dealing} from "./Dealing.sol";

/// Stake that others put behind an operator, through the one vault that the operator named.
/// It counts, earns and is slashed with the operator's own; it goes back to the vault alone.
abstract contract Delegation is Dealing {
    using SafeERC20 for IERC20;

    uint256 internal constant FREEZE = 2 days;

    /// Names the caller's vault, once and for all.
    function setVault(address vault) external {
        if (vaultOf[msg.sender] != address(0)) revert VaultKnown(msg.sender, vaultOf[msg.sender]);
        if (vault.code.length == 0) revert BadParameter("vault", uint160(vault));
        vaultOf[msg.sender] = vault;
        emit VaultSet(msg.sender, vault);
    }

    /// Sets the caller's sharing ratio in a task (wad): 1e18 keeps everything. It is frozen from two
    /// days before the task's end, save for the first time.
    function setSharing(uint256 taskId, uint64 sigma) external {
        if (sigma > 1e18) revert BadParameter("sigma", sigma);
        Backing storage b = _backings[taskId][msg.sender];
        Clock memory c = _clocks[taskId];
        uint256 end = Clocks.endOf(c, c.rounds, Phase.Pending);
        if (b.known && block.timestamp + FREEZE > end) revert SharingFrozen(taskId, msg.sender, end - FREEZE);
        b.sigma = sigma;
        b.known = true;
        emit SharingSet(taskId, msg.sender, sigma);
    }

    /// The operator's vault puts stake behind it. The operator must have a role and a sharing ratio in the task.
    function back(uint256 taskId, address operator, uint128 amount) external nonReentrant {
        _requireVault(operator);
        Role role = _stakes[taskId][operator].role;
        if (role == Role.None) revert WrongRole(taskId, operator, role, Role.Validator);
        Backing storage b = _backings[taskId][operator];
        if (!b.known) revert BadParameter("sigma", 0);
        // forge-lint: disable-next-line(unsafe-typecast)
        b.amount += uint128(_pull(stakeToken, amount));
        emit Backed(taskId, operator, b.amount);
    }

    /// The operator's vault takes stake back, once no round that it answers for is open.
    function unback(uint256 taskId, address operator, uint128 amount) external nonReentrant {
        _requireVault(operator);
        _requireFree(taskId, operator);
        Backing storage b = _backings[taskId][operator];
        if (amount > b.amount) revert StakeTooSmall(taskId, operator, b.amount, amount);
        b.amount -= amount;
        emit Backed(taskId, operator, b.amount);
        IERC20(stakeToken).safeTransfer(msg.sender, amount);
    }

    /// The operator's vault collects what its stake earned in a round in one token: the stake token or the task's bounty
    /// token. One at a time, so that a bounty token that refuses holds up nothing else.
    function collect(uint256 taskId, uint256 round, address operator, address token)
        external
        nonReentrant
        returns (uint256 amount)
    {
        _requireVault(operator);
        Share storage s = _shares[taskId][round][operator];
        if (token == stakeToken) {
            amount = s.stake;
            s.stake = 0;
        } else if (token == _tasks[taskId].bountyToken) {
            amount = s.bounty;
            s.bounty = 0;
        }
        if (amount == 0) revert NothingOwed(token, msg.sender);
        emit Collected(taskId, round, operator, token, amount);
        IERC20(token).safeTransfer(msg.sender, amount);
    }

    function _requireVault(address operator) private view {
        if (vaultOf[operator] != msg.sender) revert NotVault(operator, msg.sender);
    }
}
