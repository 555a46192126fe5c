// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Consensus} from "../../src/libraries/Consensus.sol";

/// What a tally holds about eight items after some vectors, in plain arrays: Consensus keeps it in lanes of words.
struct Sums {
    /// Weight of scores up to the claim and from the claim on, ABSTAIN not among them.
    uint256[8] upTo;
    uint256[8] from;
    /// Weight of ABSTAIN and of INVALID.
    uint256[8] abstained;
    uint256[8] invalid;
    /// Weight of all vectors.
    uint256 total;
    /// Whether an INVALID or ABSTAIN was seen among the items of even and of odd number.
    bool[2] rare;
}

/// Puts any sums into a real tally, runs the library's own code on it, and takes the sums out again.
/// The offsets are the library's (private) QUAD, UP_TO, FROM and RARE: were they others, the proofs would fail.
contract TallyHarness {
    uint256 private constant QUAD = 0x120;
    uint256 private constant UP_TO = 0x40;
    uint256 private constant FROM = 0x60;
    uint256 private constant RARE = 0x100;

    /// Counts one more vector of eight items.
    function add(bytes calldata consensus, Sums calldata before, bytes calldata vector, uint256 weight, uint256 tolerance)
        external
        pure
        returns (Sums memory)
    {
        Consensus.Tally memory t = _tally(consensus, before, tolerance);
        Consensus.add(t, vector, weight);
        return _sums(t);
    }

    /// Reverts unless the claims are the medians.
    function verify(bytes calldata consensus, Sums calldata sums) external pure {
        Consensus.verify(_tally(consensus, sums, 0));
    }

    /// The sums before any vector.
    function begin(bytes calldata consensus, uint256 tolerance) external pure returns (Sums memory) {
        return _sums(Consensus.begin(consensus, tolerance));
    }

    function _tally(bytes calldata consensus, Sums calldata s, uint256 tolerance)
        private
        pure
        returns (Consensus.Tally memory t)
    {
        t = Consensus.begin(consensus, tolerance);
        t.total = s.total;
        for (uint256 i; i < 8; ++i) {
            (uint256 quad, uint256 lane) = _place(t.quads, i);
            _store(quad + UP_TO, _load(quad + UP_TO) | (s.upTo[i] << lane));
            _store(quad + FROM, _load(quad + FROM) | (s.from[i] << lane));
            t.rare[i] = s.abstained[i] << 128 | s.invalid[i];
        }
        for (uint256 q; q < 2; ++q) {
            _store(t.quads + q * QUAD + RARE, _bit(s.rare[q]));
        }
    }

    function _sums(Consensus.Tally memory t) private pure returns (Sums memory s) {
        s.total = t.total;
        for (uint256 i; i < 8; ++i) {
            (uint256 quad, uint256 lane) = _place(t.quads, i);
            s.upTo[i] = uint64(_load(quad + UP_TO) >> lane);
            s.from[i] = uint64(_load(quad + FROM) >> lane);
            s.abstained[i] = t.rare[i] >> 128;
            s.invalid[i] = uint128(t.rare[i]);
        }
        for (uint256 q; q < 2; ++q) {
            s.rare[q] = _load(t.quads + q * QUAD + RARE) != 0;
        }
    }

    /// Items of even number share the first quad, those of odd number the second; the first item has the highest lane.
    function _place(uint256 quads, uint256 item) private pure returns (uint256 quad, uint256 lane) {
        return (quads + (item % 2) * QUAD, 192 - item / 2 * 64);
    }

    function _bit(bool value) private pure returns (uint256 bit) {
        assembly ("memory-safe") {
            bit := value
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
}
