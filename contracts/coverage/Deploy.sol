// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Annex} from "../../src/Annex.sol";
import {Arena} from "../../src/Arena.sol";
import {BackOffice} from "../../src/BackOffice.sol";
import {IArena} from "../../src/IArena.sol";
import {VaultFactory} from "../../src/delegation/VaultFactory.sol";

/// Takes the place of contracts/test/helpers/Deploy.sol under coverage: forge counts lines only of what it compiled for the tests itself.
function deployAnnex(address token) returns (address) {
    return address(new Annex(token));
}

function deployBackOffice(address token, address annex) returns (address) {
    return address(new BackOffice(token, Annex(annex)));
}

function deployFront(address token, address office) returns (IArena) {
    return IArena(address(new Arena(token, BackOffice(office))));
}

function deployArena(address token) returns (IArena) {
    return deployFront(token, deployBackOffice(token, deployAnnex(token)));
}

function deployVaultFactory(IArena arena) returns (VaultFactory) {
    return new VaultFactory(arena);
}
