// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IArena} from "../IArena.sol";
import {Share, Stake} from "../Types.sol";
import {Distributions} from "./Distributions.sol";

/// Stake of many behind one operator: an ERC-4626 vault of the arena's stake token. The operator
/// decides in which tasks it stands, and can never take it out.
///
/// - Assets are what lies here (`idle`) and what stands in tasks, as the arena has it: a slash there lowers
///   every share. Tokens sent here without a deposit count for nothing.
/// - Rewards are not assets: each is shared by what the delegators held when the operator's
///   stake entered the round (see Distributions). Coming late gains nothing.
/// - Leaving while a round is open pays for stake at risk at half its value, the most that a round can
///   take. So nobody can leave a known slash to the others; whoever waits for the end of the round loses nothing.
/// - A delegator who wants out gives notice: from then on the operator cannot put that value into tasks.
contract DelegationVault is ERC4626, Distributions, ReentrancyGuardTransient {
    /// Tasks the vault can stand in at a time: keeps its sums short.
    uint256 public constant MAX_TASKS = 16;

    IArena public immutable arena;
    address public immutable operator;

    /// Wei of the asset that belong to shares and lie here.
    uint256 public idle;
    /// Shares on notice.
    mapping(address account => uint256 shares) public noticeOf;
    uint256 public noticed;
    uint256[] private _tasks;

    event Noticed(address indexed account, uint256 shares);

    error NotOperator(address account);
    error TooManyTasks(uint256 limit);
    /// `amount` is more than what lies here and is not on notice.
    error NotIdle(uint256 amount, uint256 available);
    error StillRunning(uint256 taskId);
    error NoticeTooLarge(uint256 shares, uint256 balance);

    constructor(IArena arena_, address operator_, string memory name, string memory symbol)
        ERC4626(IERC20(arena_.stakeToken()))
        ERC20(name, symbol)
    {
        arena = arena_;
        operator = operator_;
        IERC20(arena_.stakeToken()).approve(address(arena_), type(uint256).max);
    }

    /// Puts idle assets behind the operator in a task where it has a role and a sharing ratio.
    function back(uint256 taskId, uint128 amount) external nonReentrant {
        if (msg.sender != operator) revert NotOperator(msg.sender);
        uint256 reserved = _convertToAssets(noticed, Math.Rounding.Ceil);
        uint256 available = idle > reserved ? idle - reserved : 0;
        if (amount > available) revert NotIdle(amount, available);
        if (!_known(taskId)) {
            if (_tasks.length == MAX_TASKS) revert TooManyTasks(MAX_TASKS);
            _tasks.push(taskId);
        }
        idle -= amount;
        arena.back(taskId, operator, amount);
    }

    /// Takes stake out of a task into the vault, once no round is open. Anyone may where the task has ended; before, the operator,
    /// or a delegator on notice as long as less lies here than is on notice.
    function release(uint256 taskId, uint128 amount) external nonReentrant {
        if (msg.sender != operator && !arena.hasEnded(taskId)) {
            bool owing = noticeOf[msg.sender] > 0 && idle < _convertToAssets(noticed, Math.Rounding.Ceil);
            if (!owing) revert StillRunning(taskId);
        }
        idle += amount;
        arena.unback(taskId, operator, amount);
        if (arena.backingOf(taskId, operator).amount == 0) _forget(taskId);
    }

    /// Puts `shares` of the caller's on notice, in place of what was on notice before; 0 takes it back.
    function giveNotice(uint256 shares) external {
        uint256 balance = balanceOf(msg.sender);
        if (shares > balance) revert NoticeTooLarge(shares, balance);
        noticed = noticed - noticeOf[msg.sender] + shares;
        noticeOf[msg.sender] = shares;
        emit Noticed(msg.sender, shares);
    }

    /// Collects what the vault earned in a round, and shares it out. Anyone may.
    function harvest(uint256 taskId, uint256 round) external nonReentrant {
        Share memory share = arena.shareOf(taskId, round, operator);
        if (share.stake > 0) _harvest(taskId, round, asset(), share.time);
        if (share.bounty > 0) _harvest(taskId, round, arena.bountyTokenOf(taskId), share.time);
    }

    /// The same for one token, the asset or the task's bounty token: so that one which refuses holds up no other.
    function harvestToken(uint256 taskId, uint256 round, address token) external nonReentrant {
        _harvest(taskId, round, token, arena.shareOf(taskId, round, operator).time);
    }

    /// Sends the caller its part of distributions, by their numbers.
    function claim(uint256[] calldata numbers) external nonReentrant {
        _claim(msg.sender, numbers);
    }

    function tasks() external view returns (uint256[] memory) {
        return _tasks;
    }

    function decimals() public view override(ERC20, ERC4626) returns (uint8) {
        return ERC4626.decimals();
    }

    function totalAssets() public view override returns (uint256 total) {
        (total,) = _count();
    }

    /// Wei that stand in tasks where a round is open.
    function atRisk() public view returns (uint256 risk) {
        (, risk) = _count();
    }

    function previewWithdraw(uint256 assets) public view override returns (uint256) {
        return Math.mulDiv(assets, totalSupply() + 1, _exitAssets() + 1, Math.Rounding.Ceil);
    }

    function previewRedeem(uint256 shares) public view override returns (uint256) {
        return Math.mulDiv(shares, _exitAssets() + 1, totalSupply() + 1);
    }

    function maxWithdraw(address account) public view override returns (uint256) {
        return Math.min(previewRedeem(balanceOf(account)), idle);
    }

    function maxRedeem(address account) public view override returns (uint256) {
        // The most shares that previewRedeem, which rounds down, gives no more than `idle` for.
        uint256 most = Math.mulDiv(idle + 1, totalSupply() + 1, _exitAssets() + 1, Math.Rounding.Ceil) - 1;
        return Math.min(balanceOf(account), most);
    }

    function _deposit(address caller, address receiver, uint256 assets, uint256 shares) internal override nonReentrant {
        super._deposit(caller, receiver, assets, shares);
        idle += assets;
    }

    function _withdraw(address caller, address receiver, address owner, uint256 assets, uint256 shares)
        internal
        override
        nonReentrant
    {
        idle -= assets;
        super._withdraw(caller, receiver, owner, assets, shares);
    }

    function _update(address from, address to, uint256 value) internal override(ERC20, Distributions) {
        super._update(from, to, value);
        uint256 left = balanceOf(from);
        if (noticeOf[from] > left) {
            noticed -= noticeOf[from] - left;
            noticeOf[from] = left;
            emit Noticed(from, left);
        }
    }

    /// Shares out what arrived, which may be less where the token keeps a fee.
    function _harvest(uint256 taskId, uint256 round, address token, uint256 time) private {
        uint256 before = IERC20(token).balanceOf(address(this));
        uint256 amount = arena.collect(taskId, round, operator, token);
        _distribute(token, Math.min(amount, IERC20(token).balanceOf(address(this)) - before), time);
    }

    function _exitAssets() private view returns (uint256) {
        (uint256 total, uint256 risk) = _count();
        return total - Math.ceilDiv(risk, 2);
    }

    function _count() private view returns (uint256 total, uint256 risk) {
        total = idle;
        for (uint256 i; i < _tasks.length; ++i) {
            uint256 amount = arena.backingOf(_tasks[i], operator).amount;
            total += amount;
            if (_isBusy(_tasks[i])) risk += amount;
        }
    }

    function _isBusy(uint256 taskId) private view returns (bool) {
        Stake memory s = arena.stakeOf(taskId, operator);
        return s.busy != 0 && !arena.isDone(taskId, s.busy - 1);
    }

    function _known(uint256 taskId) private view returns (bool) {
        for (uint256 i; i < _tasks.length; ++i) {
            if (_tasks[i] == taskId) return true;
        }
        return false;
    }

    function _forget(uint256 taskId) private {
        for (uint256 i; i < _tasks.length; ++i) {
            if (_tasks[i] != taskId) continue;
            _tasks[i] = _tasks[_tasks.length - 1];
            _tasks.pop();
            return;
        }
    }
}
