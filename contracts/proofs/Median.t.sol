// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Consensus} from "../src/libraries/Consensus.sol";

/// The median check: what settlement accepts is the stake-weighted lower median, and that alone. For all scores, ABSTAIN and
/// INVALID among them; claims and weights are given. Bounds: one item, three
/// validators; for the claim of a million no number from two million on, where a vector's distance needs another division.
contract MedianProofs {
    uint256 private constant INVALID = 0xffffffff;
    uint256 private constant ABSTAIN = 0xfffffffe;

    /// As Settlement runs it. Reverts where the claim is refused.
    function judge(bytes calldata claim, bytes calldata scores, uint256[] calldata weights) external pure {
        Consensus.Tally memory t = Consensus.begin(claim, 1e18 - 1);
        for (uint256 i; i < weights.length; ++i) Consensus.add(t, scores[4 * i:4 * i + 4], weights[i]);
        Consensus.verify(t);
    }

    /// The rule book's definition: ABSTAIN is not counted; at least half the weight is at or below the median, less than half below.
    /// Without branches, which would multiply the solver's cases.
    function isMedian(uint256 m, uint256[] memory scores, uint256[] memory weights) internal pure returns (bool right) {
        uint256 total;
        uint256 below;
        uint256 upTo;
        for (uint256 i; i < scores.length; ++i) {
            uint256 score = scores[i];
            uint256 weight = weights[i];
            assembly ("memory-safe") {
                let counted := iszero(eq(score, ABSTAIN))
                total := add(total, mul(weight, counted))
                below := add(below, mul(weight, and(counted, lt(score, m))))
                upTo := add(upTo, mul(weight, and(counted, iszero(gt(score, m)))))
            }
        }
        assembly ("memory-safe") {
            let none := iszero(total)
            let abstains := eq(m, ABSTAIN)
            let middle := and(iszero(lt(mul(2, upTo), total)), lt(mul(2, below), total))
            right := or(and(none, abstains), and(and(iszero(none), iszero(abstains)), middle))
        }
    }

    function prove(uint32 claim, uint32[3] memory given, uint256 a, uint256 b, uint256 c) internal view {
        uint256[] memory scores = new uint256[](3);
        uint256[] memory weights = new uint256[](3);
        (scores[0], scores[1], scores[2]) = (given[0], given[1], given[2]);
        (weights[0], weights[1], weights[2]) = (a, b, c);
        bytes memory packed = abi.encodePacked(given[0], given[1], given[2]);
        (bool ok,) = address(this).staticcall(abi.encodeCall(this.judge, (abi.encodePacked(claim), packed, weights)));
        assert(ok == isMedian(claim, scores, weights));
    }

    function check_medianBetween(uint32 a, uint32 b, uint32 c) public view {
        if (far(a) || far(b) || far(c)) return;
        prove(1_000_000, [a, b, c], 3, 1, 2);
    }

    function check_medianAbstain(uint32 a, uint32 b, uint32 c) public view {
        prove(uint32(ABSTAIN), [a, b, c], 3, 1, 2);
    }

    function check_medianInvalid(uint32 a, uint32 b, uint32 c) public view {
        prove(uint32(INVALID), [a, b, c], 3, 1, 2);
    }

    function far(uint32 score) private pure returns (bool) {
        return score >= 2_000_000 && score < ABSTAIN;
    }
}
