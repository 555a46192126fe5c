// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {DelegationVault} from "../../src/delegation/DelegationVault.sol";
import {deployVaultFactory} from "./Deploy.sol";
import {World} from "./World.sol";
import {vm} from "./Vm.sol";

/// Operators with vaults, and delegators who put stake into them.
abstract contract Delegating is World {
    address internal constant ANN = address(0xA1);
    address internal constant BOB = address(0xB1);

    /// A vault that the operator has named to the arena, and its sharing ratio in a task.
    function makeVault(address operator, uint256 taskId, uint64 sigma) internal returns (DelegationVault vault) {
        vm.startPrank(operator);
        vault = deployVaultFactory(arena).make("Vault", "V");
        arena.setVault(address(vault));
        arena.setSharing(taskId, sigma);
        vm.stopPrank();
    }

    /// Draws stake tokens and deposits them.
    function delegate(DelegationVault vault, address who, uint256 amount) internal {
        token.draw(who, amount);
        vm.startPrank(who);
        token.approve(address(vault), type(uint256).max);
        vault.deposit(amount, who);
        vm.stopPrank();
    }

    /// Its operator puts what lies in the vault behind itself.
    function backWith(DelegationVault vault, uint256 taskId, uint256 amount) internal {
        vm.prank(vault.operator());
        vault.back(taskId, uint128(amount));
    }
}
