// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Phase, Verdict} from "../../src/Types.sol";
import {World} from "./World.sol";
import {vm} from "./Vm.sol";

/// Disputes about the first batch of a task's first round. The jury: validators 2 to 5.
abstract contract Disputing is World {
    uint256 internal constant JURORS = 4;
    address internal constant DISPUTER = address(0xD1);
    uint256 internal task;
    Verdict internal verdict;
    bytes internal vectors;

    function settleNow() internal {
        (bytes memory consensus, bytes memory all) = evidence(task, 0, 0);
        verdict = settleWith(task, 0, 0, consensus, all);
        vectors = all;
        goTo(task, 0, Phase.Dispute);
    }

    function open_(uint256 item) internal {
        vm.prank(DISPUTER);
        arena.dispute(task, 0, 0, item);
    }

    function jurySeal(uint256 item, uint256 index, address who, uint32 score) internal {
        vm.prank(who);
        arena.sealJury(task, 0, 0, item, index, keccak256(abi.encode(task, 0, 0, item, who, bytes32("j"), score)));
    }

    function juryReveal(uint256 item, uint256 index, address who, uint32 score) internal {
        vm.prank(who);
        arena.revealJury(task, 0, 0, item, index, score, "j");
    }

    /// To the first second in which juries seal (0), reveal (1) or are counted (2), or all is over (3).
    function juryPhase(uint256 phase_) internal {
        // As long as the round's own phases, in World's clock.
        (,, uint256[7] memory ends) = arena.roundOf(task, 0);
        uint256 end = ends[uint8(Phase.Dispute)];
        if (phase_ >= 1) end += 62;
        if (phase_ >= 2) end += 63;
        if (phase_ >= 3) end += 64;
        vm.warp(end);
    }

    /// The jury agrees on items' scores, up to where it can be counted. @param scores by item, 0 where none is disputed.
    function hear(uint32[] memory scores) internal {
        juryPhase(0);
        for (uint256 k; k < JURORS * scores.length; ++k) {
            (uint256 item, uint256 i) = (k / JURORS, k % JURORS);
            if (scores[item] != 0) jurySeal(item, i, validator(2 + i), scores[item]);
        }
        juryPhase(1);
        for (uint256 k; k < JURORS * scores.length; ++k) {
            (uint256 item, uint256 i) = (k / JURORS, k % JURORS);
            if (scores[item] != 0) juryReveal(item, i, validator(2 + i), scores[item]);
        }
        juryPhase(2);
    }

    function count(uint256 item, uint32 score) internal {
        arena.resolve(task, 0, 0, item, score, verdict, vectors);
    }

    /// One item is disputed, and the jury finds `score`.
    function uphold(uint256 item, uint32 score) internal {
        open_(item);
        uint32[] memory scores = new uint32[](item + 1);
        scores[item] = score;
        hear(scores);
        count(item, score);
    }
}
