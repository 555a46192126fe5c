// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IArena} from "../../src/IArena.sol";
import {Stake} from "../../src/Types.sol";
import {DelegationVault} from "../../src/delegation/DelegationVault.sol";

/// What a vault asks its arena, answered with anything: `backing` wei stand in the one task, at risk or not.
contract AnyArena {
    address public immutable stakeToken;
    uint128 private backing;
    bool private busy;

    constructor(address stakeToken_) {
        stakeToken = stakeToken_;
    }

    function set(uint128 backing_, bool busy_) external {
        (backing, busy) = (backing_, busy_);
    }

    function backingOf(uint256, address) external view returns (uint128, uint64, bool) {
        return (backing, 0, true);
    }

    function stakeOf(uint256, address) external view returns (Stake memory s) {
        s.busy = busy ? 1 : 0;
    }

    function isDone(uint256, uint256) external pure returns (bool) {
        return false;
    }

    function back(uint256, address, uint128) external {}
}

/// A vault in any state: shares of one holder, of all others, and what lies there.
contract VaultHarness is DelegationVault {
    constructor(AnyArena arena_) DelegationVault(IArena(address(arena_)), msg.sender, "", "") {}

    function set(address holder, uint256 shares, address others, uint256 rest, uint256 idle_) external {
        _mint(holder, shares);
        _mint(others, rest);
        idle = idle_;
    }

    /// What redeem and withdraw both end in, at any price.
    function depart(address caller, address receiver, address owner, uint256 assets, uint256 shares) external {
        _withdraw(caller, receiver, owner, assets, shares);
    }

    function distribute(address token, uint256 amount, uint256 time) external {
        _distribute(token, amount, time);
    }
}
