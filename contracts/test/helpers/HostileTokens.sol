// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

abstract contract Drawn is ERC20("Hostile", "HOS") {
    function draw(address account, uint256 amount) external {
        _mint(account, amount);
    }
}

/// Keeps a hundredth of every transfer.
contract FeeToken is Drawn {
    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (from != address(0) && to != address(0)) super._update(to, address(0), value / 100);
    }
}

/// Refuses to send to some.
contract BlockToken is Drawn {
    mapping(address account => bool) public blocked;

    function block_(address account, bool on) external {
        blocked[account] = on;
    }

    function _update(address from, address to, uint256 value) internal override {
        require(!blocked[to], "blocked");
        super._update(from, to, value);
    }
}

/// Calls somebody during every transfer, as ERC-777 did.
contract HookToken is Drawn {
    address public hook;

    function setHook(address hook_) external {
        hook = hook_;
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (hook != address(0)) Hook(hook).onTransfer(from, to, value);
    }
}

interface Hook {
    function onTransfer(address from, address to, uint256 value) external;
}

/// Says that all went well and moves nothing.
contract IdleToken is Drawn {
    function transferFrom(address, address, uint256) public pure override returns (bool) {
        return true;
    }
}

/// Returns nothing from any call, as the older tokens do.
contract SilentToken {
    mapping(address account => uint256) public balanceOf;
    mapping(address account => mapping(address spender => uint256)) public allowance;

    function decimals() external pure returns (uint8) {
        return 6;
    }

    function draw(address account, uint256 amount) external {
        balanceOf[account] += amount;
    }

    function approve(address spender, uint256 amount) external {
        allowance[msg.sender][spender] = amount;
    }

    function transfer(address to, uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
    }

    function transferFrom(address from, address to, uint256 amount) external {
        allowance[from][msg.sender] -= amount;
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}
