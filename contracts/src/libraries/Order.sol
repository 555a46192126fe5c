// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Consensus} from "./Consensus.sol";

/// Scores are compared on a grid whose step is eta times the base model's score: what falls into
/// the same cell is equal and goes to the earlier commitment (Blum and Hardt, "The Ladder", 2015).
library Order {
    uint256 internal constant WAD = 1e18;

    function isNumber(uint256 score) internal pure returns (bool) {
        return score < Consensus.ABSTAIN;
    }

    /// Step of the grid, micro-bits per byte, at least 1.
    function step(uint256 base, uint256 eta) internal pure returns (uint256 s) {
        s = base * eta / WAD;
        if (s == 0) s = 1;
    }

    /// Whether `score` has a rank: it is in a lower cell than the base model.
    function wins(uint256 score, uint256 base, uint256 step_) internal pure returns (bool) {
        return isNumber(score) && isNumber(base) && score / step_ < base / step_;
    }

    /// Whether `score` is worse than the base model by more than the margin.
    function isWorse(uint256 score, uint256 base, uint256 margin) internal pure returns (bool) {
        return isNumber(score) && isNumber(base) && score * WAD > base * (WAD + margin);
    }
}
