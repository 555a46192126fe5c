// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IArena} from "../../src/IArena.sol";
import {VaultFactory} from "../../src/delegation/VaultFactory.sol";
import {vm} from "./Vm.sol";

/// From what the compiler made of the sources as they ship, by IR; the tests themselves compile without, which is faster.
/// Under coverage contracts/coverage/Deploy.sol stands in this file's place and makes the same from the sources.
function deployArena(address token) returns (IArena) {
    address annex = vm.deployCode("Annex.sol:Annex", abi.encode(token));
    address office = vm.deployCode("BackOffice.sol:BackOffice", abi.encode(token, annex));
    return IArena(vm.deployCode("Arena.sol:Arena", abi.encode(token, office)));
}

function deployVaultFactory(IArena arena) returns (VaultFactory) {
    return VaultFactory(vm.deployCode("VaultFactory.sol:VaultFactory", abi.encode(arena)));
}
