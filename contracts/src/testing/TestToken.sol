// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// A token for local and test networks: anyone draws a limited amount at a time.
contract TestToken is ERC20 {
    /// Wei that one call of `draw` gives at most.
    uint256 public immutable limit;

    error AboveLimit(uint256 amount, uint256 limit);

    constructor(string memory name, string memory symbol, uint256 limit_) ERC20(name, symbol) {
        limit = limit_;
    }

    /// Mints `amount` wei to `account`.
    function draw(address account, uint256 amount) external {
        if (amount > limit) revert AboveLimit(amount, limit);
        _mint(account, amount);
    }
}
