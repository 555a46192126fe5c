// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

/// Shares out amounts of any token by what each holder had at a moment in the past. Every change of a
/// balance is remembered, so nothing has to be done per holder when an amount comes in, and one bad
/// token cannot stop another.
abstract contract Distributions is ERC20 {
    using Checkpoints for Checkpoints.Trace208;
    using SafeERC20 for IERC20;

    struct Distribution {
        address token;
        /// Balances at the end of this second count.
        uint48 time;
        uint256 amount;
    }

    Distribution[] private _distributions;
    Checkpoints.Trace208 private _supply;
    mapping(address account => Checkpoints.Trace208) private _balances;
    mapping(uint256 number => mapping(address account => bool)) public hasClaimed;

    event Distributed(uint256 indexed number, address indexed token, uint256 amount, uint256 time);
    event DistributionClaimed(uint256 indexed number, address indexed account, uint256 amount);

    function distributionCount() external view returns (uint256) {
        return _distributions.length;
    }

    function distributionOf(uint256 number) external view returns (Distribution memory) {
        return _distributions[number];
    }

    /// Wei that `account` gets, or got, from a distribution. Rounded down.
    function partOf(uint256 number, address account) public view returns (uint256) {
        Distribution memory d = _distributions[number];
        uint256 supply = _supply.upperLookup(d.time);
        if (supply == 0) return 0;
        return Math.mulDiv(d.amount, _balances[account].upperLookup(d.time), supply);
    }

    /// @param time when the stake that earned the amount was engaged; holdings of the second before it count,
    /// so that nobody can join in the same second. Where there were none yet, those of that second.
    function _distribute(address token, uint256 amount, uint256 time) internal {
        if (amount == 0) return;
        if (_supply.upperLookup(uint48(time - 1)) != 0) --time;
        _distributions.push(Distribution(token, uint48(time), amount));
        emit Distributed(_distributions.length - 1, token, amount, time);
    }

    function _claim(address account, uint256[] calldata numbers) internal {
        for (uint256 i; i < numbers.length; ++i) {
            uint256 number = numbers[i];
            if (hasClaimed[number][account]) continue;
            hasClaimed[number][account] = true;
            uint256 amount = partOf(number, account);
            emit DistributionClaimed(number, account, amount);
            if (amount > 0) IERC20(_distributions[number].token).safeTransfer(account, amount);
        }
    }

    function _update(address from, address to, uint256 value) internal virtual override {
        super._update(from, to, value);
        uint48 time = uint48(block.timestamp);
        // forge-lint: disable-start(unsafe-typecast)
        if (from != address(0)) _balances[from].push(time, uint208(balanceOf(from)));
        if (to != address(0)) _balances[to].push(time, uint208(balanceOf(to)));
        if (from == address(0) || to == address(0)) _supply.push(time, uint208(totalSupply()));
        // forge-lint: disable-end(unsafe-typecast)
    }
}
