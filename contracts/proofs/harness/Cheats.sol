// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// The cheat codes of Halmos that the proofs use.
interface Cheats {
    function assume(bool condition) external pure;
    function prank(address sender) external;
    function warp(uint256 time) external;
}

interface SymbolicCheats {
    /// From here on every slot of the account's storage may hold anything.
    function enableSymbolicStorage(address account) external;
}

Cheats constant cheats = Cheats(address(uint160(uint256(keccak256("hevm cheat code")))));
SymbolicCheats constant symbolic = SymbolicCheats(address(uint160(uint256(keccak256("svm cheat code")))));
