// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IArena} from "../../src/IArena.sol";
import {VaultFactory} from "../../src/delegation/VaultFactory.sol";
import {vm} from "./Vm.sol";

/// From the artifacts that ship, made by IR (contracts/build.ts puts them there); the tests themselves compile without, which is faster.
/// By path and never by name: what the tests' profile makes of the same source has that name too.
/// Under coverage contracts/coverage/Deploy.sol stands in this file's place and makes the same from the sources.
function deployAnnex(address token) returns (address) {
    return vm.deployCode("contracts/out/shipped/Annex.json", abi.encode(token));
}

function deployBackOffice(address token, address annex) returns (address) {
    return vm.deployCode("contracts/out/shipped/BackOffice.json", abi.encode(token, annex));
}

function deployFront(address token, address office) returns (IArena) {
    return IArena(vm.deployCode("contracts/out/shipped/Arena.json", abi.encode(token, office)));
}

function deployArena(address token) returns (IArena) {
    return deployFront(token, deployBackOffice(token, deployAnnex(token)));
}

function deployVaultFactory(IArena arena) returns (VaultFactory) {
    return VaultFactory(vm.deployCode("contracts/out/shipped/VaultFactory.json", abi.encode(arena)));
}
