// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IArena} from "../IArena.sol";
import {DelegationVault} from "./DelegationVault.sol";

/// Makes vaults whose code is known, one per operator and arena. The operator then names it to the arena
/// with setVault.
contract VaultFactory {
    IArena public immutable arena;
    mapping(address operator => DelegationVault) public vaultOf;

    event VaultMade(address indexed operator, address vault);

    error VaultExists(address operator, address vault);

    constructor(IArena arena_) {
        arena = arena_;
    }

    /// Makes the caller's vault.
    function make(string calldata name, string calldata symbol) external returns (DelegationVault vault) {
        if (address(vaultOf[msg.sender]) != address(0)) revert VaultExists(msg.sender, address(vaultOf[msg.sender]));
        vault = new DelegationVault(arena, msg.sender, name, symbol);
        vaultOf[msg.sender] = vault;
        emit VaultMade(msg.sender, address(vault));
    }
}
