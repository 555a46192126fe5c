// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {NotTheMedian} from "../Errors.sol";

/// Checks a claimed consensus against the revealed vectors, and measures how far each vector is from it.
///
/// The consensus of an item is the stake-weighted lower median of all scores that are not
/// ABSTAIN, with INVALID above every number: the smallest m such that the weight of scores
/// up to m is at least half. A claim m is that value exactly when
/// 2 * weight(<= m) >= W and 2 * weight(< m) < W, so one pass verifies it without sorting.
library Consensus {
    uint256 internal constant INVALID = 0xffffffff;
    uint256 internal constant ABSTAIN = 0xfffffffe;
    uint256 internal constant WAD = 1e18;

    /// Running sums per item, over the vectors seen so far.
    struct Tally {
        /// Claimed consensus.
        uint256[] claimed;
        /// floor(1e18 / claimed), so that no division is needed per score.
        uint256[] inverse;
        /// Weight of scores below the claim, and at most the claim; ABSTAIN not counted.
        uint256[] below;
        uint256[] upTo;
        /// Weight of all scores but ABSTAIN, and of INVALID alone.
        uint256[] weight;
        uint256[] invalid;
        /// Items whose claim is not ABSTAIN.
        uint256 judged;
        bool anyInvalid;
    }

    /// How one vector compares with the consensus.
    struct Distance {
        /// Sum of min(1, |r - m| / m), wad.
        uint256 sum;
        /// Items with a score or INVALID where the consensus has one too.
        uint256 answered;
        /// Of those, the ones beyond the tolerance.
        uint256 outliers;
    }

    /// The uint32 number `item` of a packed vector.
    function scoreAt(bytes calldata vector, uint256 item) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := shr(224, calldataload(add(vector.offset, shl(2, item))))
        }
    }

    function begin(bytes calldata consensus) internal pure returns (Tally memory t) {
        uint256 items = consensus.length / 4;
        t.claimed = new uint256[](items);
        t.inverse = new uint256[](items);
        t.below = new uint256[](items);
        t.upTo = new uint256[](items);
        t.weight = new uint256[](items);
        t.invalid = new uint256[](items);
        for (uint256 i; i < items; ++i) {
            uint256 m = scoreAt(consensus, i);
            t.claimed[i] = m;
            if (m != ABSTAIN) ++t.judged;
            if (m == INVALID) t.anyInvalid = true;
            else if (m != 0) t.inverse[i] = WAD / m;
        }
    }

    /// Counts one vector of `weight`.
    function add(Tally memory t, bytes calldata vector, uint256 weight, uint256 tolerance)
        internal
        pure
        returns (Distance memory d)
    {
        unchecked {
            uint256 items = t.claimed.length;
            for (uint256 i; i < items; ++i) {
                uint256 r = scoreAt(vector, i);
                if (r == ABSTAIN) continue;
                uint256 m = t.claimed[i];
                t.weight[i] += weight;
                if (r < m) t.below[i] += weight;
                if (r <= m) t.upTo[i] += weight;
                if (r == INVALID) {
                    t.invalid[i] += weight;
                    t.anyInvalid = true;
                }
                if (m == ABSTAIN) continue;
                ++d.answered;
                if (r == m) continue;
                uint256 ratio = WAD;
                if (r != INVALID && m != INVALID && m != 0) {
                    ratio = (r > m ? r - m : m - r) * t.inverse[i];
                    if (ratio > WAD) ratio = WAD;
                }
                d.sum += ratio;
                if (ratio > tolerance) ++d.outliers;
            }
        }
    }

    /// Reverts unless every claim is the median of what was counted.
    function verify(Tally memory t) internal pure {
        uint256 items = t.claimed.length;
        for (uint256 i; i < items; ++i) {
            uint256 m = t.claimed[i];
            uint256 w = t.weight[i];
            bool right = w == 0 ? m == ABSTAIN : m != ABSTAIN && 2 * t.upTo[i] >= w && 2 * t.below[i] < w;
            if (!right) revert NotTheMedian(i, m);
        }
    }

    /// Reverts unless every claim is ABSTAIN: too few revealed for a judgement.
    function requireNone(Tally memory t) internal pure {
        for (uint256 i; i < t.claimed.length; ++i) {
            if (t.claimed[i] != ABSTAIN) revert NotTheMedian(i, t.claimed[i]);
        }
    }

    /// Whether the vector calls an item INVALID, or a number, against two thirds of the weight.
    function opposes(Tally memory t, bytes calldata vector) internal pure returns (bool) {
        uint256 items = t.claimed.length;
        for (uint256 i; i < items; ++i) {
            uint256 r = scoreAt(vector, i);
            if (r == ABSTAIN) continue;
            uint256 others = r == INVALID ? t.weight[i] - t.invalid[i] : t.invalid[i];
            if (3 * others >= 2 * t.weight[i]) return true;
        }
        return false;
    }

    /// F = exp(-lambda * D) * answered / judged, wad, rounded down.
    function quality(Distance memory d, uint256 judged, uint256 lambda) internal pure returns (uint256) {
        if (d.answered == 0) return 0;
        uint256 deviation = d.sum / d.answered;
        // forge-lint: disable-next-line(unsafe-typecast)
        uint256 f = uint256(FixedPointMathLib.expWad(-int256(lambda * deviation / WAD)));
        return f * d.answered / judged;
    }
}
