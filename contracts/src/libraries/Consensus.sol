// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {NotTheMedian} from "../Errors.sol";

/// Checks a claimed consensus against the revealed vectors, and measures how far each vector is from it.
///
/// The consensus of an item is the stake-weighted lower median of all scores that are not
/// ABSTAIN, with INVALID above every number: the smallest m such that the weight of scores
/// up to m is at least half. A claim m is that value exactly when
/// 2 * weight(<= m) >= W and 2 * weight(>= m) > W, so one pass verifies it without sorting.
///
/// Nearly all gas of a settlement goes here, so eight scores are read at a time and compared four at a time,
/// in lanes of 64 bits of one word: a score r and a claim m of 32 bits each, with bit 32 set above r, differ by
/// 2^32 + r - m, and bit 32 of that says whether r >= m; multiplied by a weight, such bits add it up in every lane.
/// Where a lane is INVALID, ABSTAIN or beyond the tolerance, its four are gone through one by one.
library Consensus {
    uint256 internal constant INVALID = 0xffffffff;
    uint256 internal constant ABSTAIN = 0xfffffffe;
    uint256 internal constant WAD = 1e18;

    /// 1 in every lane, and the lowest 32 bits of every lane.
    uint256 private constant ONES = 0x0000000000000001000000000000000100000000000000010000000000000001;
    uint256 private constant LOWS = 0x00000000ffffffff00000000ffffffff00000000ffffffff00000000ffffffff;
    /// Bit 32 of every lane.
    uint256 private constant HIGHS = 0x0000000100000000000000010000000000000001000000000000000100000000;
    /// Bytes of a quad, the memory of four items: claims, limits, weight <= claim, weight >= claim, all in lanes, then
    /// four inverses, then whether an item had an INVALID or ABSTAIN. A limit is the least |r - m| beyond the tolerance.
    uint256 private constant QUAD = 0x120;
    uint256 private constant LIMIT = 0x20;
    uint256 private constant UP_TO = 0x40;
    uint256 private constant FROM = 0x60;
    uint256 private constant INVERSE = 0x80;
    uint256 private constant RARE = 0x100;

    /// Running sums over the vectors seen so far.
    struct Tally {
        uint256 items;
        /// Address of the quads: two per eight items, those of even number, then those of odd number.
        uint256 quads;
        /// Weight of ABSTAIN << 128 | weight of INVALID, per item.
        uint256[] rare;
        /// Weight of all vectors.
        uint256 total;
        /// Items whose claim is not ABSTAIN.
        uint256 judged;
        uint256 tolerance;
        /// Some vector has an INVALID.
        bool anyInvalid;
    }

    /// How one vector compares with the consensus.
    struct Distance {
        /// Sum of min(1, |r - m| * floor(1e18 / m)), wad.
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

    /// @param tolerance below 1e18.
    function begin(bytes calldata consensus, uint256 tolerance) internal pure returns (Tally memory t) {
        unchecked {
            uint256 items = consensus.length / 4;
            uint256 padded = (items + 7) / 8 * 8;
            t.items = items;
            t.tolerance = tolerance;
            t.rare = new uint256[](padded);
            bytes memory quads = new bytes(padded / 4 * QUAD);
            uint256 start;
            assembly ("memory-safe") {
                start := add(quads, 0x20)
            }
            t.quads = start;
            uint256 judged = items;
            assembly ("memory-safe") {
                // Lanes behind the last item weigh nothing and never stand out: no inverse, and a limit that none reaches.
                for { let i := 0 } lt(i, padded) { i := add(i, 1) } {
                    let quad := add(start, mul(QUAD, or(shl(1, shr(3, i)), and(i, 1))))
                    let lane := sub(192, shl(5, and(i, 6)))
                    let limit := INVALID
                    if lt(i, items) {
                        let m := shr(224, calldataload(add(consensus.offset, shl(2, i))))
                        // A number never comes near INVALID, nor anything but 0 near 0: there every distance is 1.
                        let inverse := WAD
                        switch eq(m, ABSTAIN)
                        case 0 {
                            if lt(sub(m, 1), sub(ABSTAIN, 1)) { inverse := div(WAD, m) }
                            limit := add(div(tolerance, inverse), 1)
                            if gt(limit, INVALID) { limit := INVALID }
                            mstore(add(add(quad, INVERSE), shr(1, sub(192, lane))), inverse)
                        }
                        default { judged := sub(judged, 1) }
                        mstore(quad, or(mload(quad), shl(lane, m)))
                    }
                    quad := add(quad, LIMIT)
                    mstore(quad, or(mload(quad), shl(lane, limit)))
                }
            }
            t.judged = judged;
        }
    }

    /// Counts one vector of `weight`, at most 2^48; there are at most 256 vectors.
    function add(Tally memory t, bytes calldata vector, uint256 weight) internal pure returns (Distance memory d) {
        unchecked {
            t.total += weight;
            d.answered = t.items;
            (uint256 sum, uint256 odd) = _addPlain(t.quads, t.items, _offset(vector), weight);
            for (uint256 quad; odd != 0; ++quad) {
                if (odd & 1 != 0) sum += _addOneByOne(t, d, vector, quad, weight);
                odd >>= 1;
            }
            d.sum = sum;
        }
    }

    /// Four scores at a time. @return sum of the ratios. @return odd one bit per quad where one score needs a closer look;
    /// nothing of these was counted. There are at most 256 quads.
    /// @param scores where in calldata the vector begins.
    function _addPlain(uint256 quads, uint256 items, uint256 scores, uint256 weight)
        private
        pure
        returns (uint256 sum, uint256 odd)
    {
        assembly ("memory-safe") {
            let shift := 32
            // From here on `items` is where the quads end.
            items := add(quads, mul(QUAD, shl(1, shr(3, add(items, 7)))))
            for { let quad := quads } lt(quad, items) { quad := add(quad, QUAD) } {
                let r := and(shr(shift, calldataload(scores)), LOWS)
                shift := xor(shift, 32)
                scores := add(scores, shift)
                let m := mload(quad)
                let above := sub(or(r, HIGHS), m)
                let from := and(shr(32, above), ONES)
                // |r - m| in every lane.
                let distance := mul(from, 0xffffffff)
                m := sub(or(m, HIGHS), r)
                distance := or(and(above, distance), and(m, xor(distance, LOWS)))
                // Bit 32 of a lane: r + 2 > 0xffffffff, or distance >= limit.
                switch and(HIGHS, or(add(r, shl(1, ONES)), sub(or(distance, HIGHS), mload(add(quad, LIMIT)))))
                case 0 {
                    let p := add(quad, UP_TO)
                    mstore(p, add(mload(p), mul(weight, and(shr(32, m), ONES))))
                    p := add(quad, FROM)
                    mstore(p, add(mload(p), mul(weight, from)))
                    sum := add(sum, mul(shr(192, distance), mload(add(quad, INVERSE))))
                    sum := add(sum, mul(and(shr(128, distance), 0xffffffff), mload(add(quad, 0xa0))))
                    sum := add(sum, mul(and(shr(64, distance), 0xffffffff), mload(add(quad, 0xc0))))
                    sum := add(sum, mul(and(distance, 0xffffffff), mload(add(quad, 0xe0))))
                }
                default { odd := or(odd, shl(div(sub(quad, quads), QUAD), 1)) }
            }
        }
    }

    /// The same for scores that may be anything.
    function _addOneByOne(Tally memory t, Distance memory d, bytes calldata vector, uint256 quadIndex, uint256 weight)
        private
        pure
        returns (uint256 sum)
    {
        // Weights sum up to less than 2^57, ratios to less than 2^102, and there are at most 1,001 items.
        unchecked {
            uint256 quad = t.quads + quadIndex * QUAD;
            uint256 i = quadIndex / 2 * 8 + quadIndex % 2;
            for (uint256 lane = 192; i < t.items; lane -= 64) {
                sum += _addOne(t, d, quad, lane, i, scoreAt(vector, i), weight);
                if (lane == 0) break;
                i += 2;
            }
        }
    }

    /// One score r of item i.
    function _addOne(
        Tally memory t,
        Distance memory d,
        uint256 quad,
        uint256 lane,
        uint256 i,
        uint256 r,
        uint256 weight
    ) private pure returns (uint256 ratio) {
        unchecked {
            uint256 m = (_load(quad) >> lane) & INVALID;
            if (r >= ABSTAIN) {
                t.rare[i] += r == ABSTAIN ? weight << 128 : weight;
                _store(quad + RARE, 1);
                if (r == INVALID) t.anyInvalid = true;
            }
            if (r != ABSTAIN) {
                if (r <= m) _store(quad + UP_TO, _load(quad + UP_TO) + (weight << lane));
                if (r >= m) _store(quad + FROM, _load(quad + FROM) + (weight << lane));
            }
            if (r == ABSTAIN || m == ABSTAIN) {
                --d.answered;
                return 0;
            }
            ratio = (r > m ? r - m : m - r) * _load(quad + INVERSE + (192 - lane) / 2);
            if (r != m && (r == INVALID || ratio > WAD)) ratio = WAD;
            if (ratio > t.tolerance) ++d.outliers;
        }
    }

    function _offset(bytes calldata vector) private pure returns (uint256 offset) {
        assembly ("memory-safe") {
            offset := vector.offset
        }
    }

    /// Address of an item's quad, and how far left its lane is.
    function _place(uint256 quads, uint256 item) private pure returns (uint256 quad, uint256 lane) {
        unchecked {
            quad = quads + ((item >> 3 << 1) | (item & 1)) * QUAD;
            lane = 192 - ((item & 6) << 5);
        }
    }

    function _load(uint256 p) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(p)
        }
    }

    function _store(uint256 p, uint256 word) private pure {
        assembly ("memory-safe") {
            mstore(p, word)
        }
    }

    function _claim(Tally memory t, uint256 item) private pure returns (uint256) {
        (uint256 quad, uint256 lane) = _place(t.quads, item);
        return (_load(quad) >> lane) & INVALID;
    }

    /// Weight of all scores of an item but ABSTAIN.
    function _weight(Tally memory t, uint256 item) private pure returns (uint256) {
        return t.total - (t.rare[item] >> 128);
    }

    /// Reverts unless every claim is the median of what was counted.
    function verify(Tally memory t) internal pure {
        uint256 count = t.rare.length / 4;
        uint256 quads = t.quads;
        for (uint256 i; i < count; ++i) {
            if (!_isPlainMedian(quads + i * QUAD, t.total)) _verifyOneByOne(t, i);
        }
    }

    /// Whether the quad has no rare verdict, and every lane's claim, none of them ABSTAIN, is the median.
    function _isPlainMedian(uint256 quad, uint256 total) private pure returns (bool plain) {
        assembly ("memory-safe") {
            // Weights sum up to less than 2^57: bit 63 of a lane says that the difference is not negative.
            let high := shl(63, ONES)
            let half := mul(total, ONES)
            let upTo := sub(or(shl(1, mload(add(quad, UP_TO))), high), half)
            let from := sub(or(shl(1, mload(add(quad, FROM))), high), add(half, ONES))
            plain := and(
                iszero(mload(add(quad, RARE))),
                and(
                    eq(and(and(upTo, from), high), high),
                    iszero(and(add(mload(quad), shl(1, ONES)), shl(32, ONES)))
                )
            )
        }
    }

    function _verifyOneByOne(Tally memory t, uint256 quadIndex) private pure {
        uint256 first = quadIndex / 2 * 8 + quadIndex % 2;
        for (uint256 i = first; i < first + 8 && i < t.items; i += 2) {
            (uint256 quad, uint256 lane) = _place(t.quads, i);
            uint256 m = (_load(quad) >> lane) & INVALID;
            uint256 upTo = (_load(quad + UP_TO) >> lane) & type(uint64).max;
            uint256 from = (_load(quad + FROM) >> lane) & type(uint64).max;
            uint256 w = _weight(t, i);
            bool right = w == 0 ? m == ABSTAIN : m != ABSTAIN && 2 * upTo >= w && 2 * from > w;
            if (!right) revert NotTheMedian(i, m);
        }
    }

    /// Reverts unless every claim is ABSTAIN: too few revealed for a judgement.
    function requireNone(Tally memory t) internal pure {
        for (uint256 i; i < t.items; ++i) {
            if (_claim(t, i) != ABSTAIN) revert NotTheMedian(i, _claim(t, i));
        }
    }

    /// Items on which two thirds of the weight agree that they are INVALID, or that they are not, while some vector
    /// has an INVALID there: item << 1 | whether INVALID is the majority's verdict.
    function contested(Tally memory t) internal pure returns (uint256[] memory found) {
        if (!t.anyInvalid) return found;
        found = new uint256[](t.items);
        uint256 count;
        for (uint256 i; i < t.items; ++i) {
            uint256 invalid = t.rare[i] & type(uint128).max;
            if (invalid == 0) continue;
            uint256 w = _weight(t, i);
            if (3 * invalid >= 2 * w) found[count++] = i << 1 | 1;
            else if (3 * (w - invalid) >= 2 * w) found[count++] = i << 1;
        }
        assembly ("memory-safe") {
            mstore(found, count)
        }
    }

    /// Whether the vector calls an item INVALID, or a number, against two thirds of the weight.
    function opposes(bytes calldata vector, uint256[] memory contested_) internal pure returns (bool) {
        unchecked {
            for (uint256 k; k < contested_.length; ++k) {
                uint256 verdict = contested_[k];
                uint256 r = scoreAt(vector, verdict >> 1);
                if (r != ABSTAIN && (r == INVALID) != (verdict & 1 == 1)) return true;
            }
            return false;
        }
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
