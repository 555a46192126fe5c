// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Consensus} from "../src/libraries/Consensus.sol";
import {Sums, TallyHarness} from "./harness/TallyHarness.sol";

/// A claim passes exactly when it is the stake-weighted lower median. By induction, so for any number of validators, up to the
/// 256 of 2^48 weight units each that the library allows:
/// - begin: a new tally has counted nothing;
/// - add: one more vector adds its weight to exactly the sums it belongs to, whatever was counted before;
/// - verify: whatever was counted, a claim m passes if and only if 2 · weight(<= m) >= W and 2 · weight(>= m) > W, where W leaves
///   out ABSTAIN; or m is ABSTAIN and W is 0.
/// weight(< m) = W - weight(>= m), so the last two say that m is the smallest number with weight(<= m) >= W / 2: the median.
///
/// Bounds: eight items, which fill every lane of both words that the library counts in. One of them is free (any claim, any score,
/// INVALID and ABSTAIN among them, any sums), the others have a plain score each. Both are proved for the first
/// item. What this leaves out is held against sorting by fuzz (contracts/test/Median.t.sol).
contract MedianStepProofs {
    TallyHarness private harness = new TallyHarness();

    function check_begin(uint32 m) external view {
        (uint32[8] memory claims,) = _plain(0, m, 0);
        Sums memory s = harness.begin(_pack(claims), 0.01e18);
        uint256 all = s.total;
        for (uint256 i; i < 8; ++i) {
            all |= s.upTo[i] | s.from[i] | s.abstained[i] | s.invalid[i];
        }
        assert(all == 0);
        assert(!s.rare[0] && !s.rare[1]);
    }

    function check_add0(uint32 m, uint32 r, Sums calldata s, uint48 weight) external view { _add(0, m, r, s, weight); }

    function check_verify0(uint32 m, Sums calldata s) external view { _verify(0, m, s); }

    function _add(uint256 i, uint32 m, uint32 r, Sums memory s, uint256 weight) private view {
        _narrow(s);
        (uint32[8] memory claims, uint32[8] memory scores) = _plain(i, m, r);
        Sums memory t = harness.add(_pack(claims), s, _pack(scores), weight, 0.01e18);
        bool counted = r != Consensus.ABSTAIN;
        bool right = _and(t.total == s.total + weight, t.upTo[i] == s.upTo[i] + _if(_and(counted, r <= m), weight));
        right = _and(right, t.from[i] == s.from[i] + _if(_and(counted, r >= m), weight));
        right = _and(right, t.abstained[i] == s.abstained[i] + _if(!counted, weight));
        right = _and(right, t.invalid[i] == s.invalid[i] + _if(r == Consensus.INVALID, weight));
        // Once INVALID or ABSTAIN was seen, it stays so.
        assert(_and(right, !_and(r >= Consensus.ABSTAIN, !t.rare[i % 2])));
    }

    function _verify(uint256 i, uint32 m, Sums memory s) private view {
        _narrow(s);
        if (s.total == 0 || s.abstained[i] > s.total) return;
        // Without anything rare among an item's neighbours, nothing has been abstained from.
        if (!s.rare[i % 2] && s.abstained[i] != 0) return;
        for (uint256 k; k < 8; ++k) {
            if (k != i) (s.upTo[k], s.from[k], s.abstained[k]) = (s.total, s.total, 0);
        }
        (uint32[8] memory claims,) = _plain(i, m, 0);
        bool accepted;
        try harness.verify(_pack(claims), s) {
            accepted = true;
        } catch {}
        uint256 w = s.total - s.abstained[i];
        bool median = _and(_and(m != Consensus.ABSTAIN, 2 * s.upTo[i] >= w), 2 * s.from[i] > w);
        assert(accepted == (w == 0 ? m == Consensus.ABSTAIN : median));
    }

    /// All sums stay below 256 · 2^48.
    function _narrow(Sums memory s) private pure {
        for (uint256 k; k < 8; ++k) {
            s.upTo[k] = uint56(s.upTo[k]);
            s.from[k] = uint56(s.from[k]);
            s.abstained[k] = uint56(s.abstained[k]);
            s.invalid[k] = uint56(s.invalid[k]);
        }
        s.total = uint56(s.total);
    }

    /// Item i as given, all others right on the spot.
    function _plain(uint256 i, uint32 m, uint32 r) private pure returns (uint32[8] memory claims, uint32[8] memory scores) {
        for (uint256 k; k < 8; ++k) {
            claims[k] = scores[k] = 1_000_000;
        }
        claims[i] = m;
        scores[i] = r;
    }

    function _pack(uint32[8] memory v) private pure returns (bytes memory) {
        return abi.encodePacked(
            bytes4(v[0]), bytes4(v[1]), bytes4(v[2]), bytes4(v[3]), bytes4(v[4]), bytes4(v[5]), bytes4(v[6]), bytes4(v[7])
        );
    }

    /// Without a branch: each would double the paths to be proved.
    function _and(bool a, bool b) private pure returns (bool c) {
        assembly ("memory-safe") {
            c := and(a, b)
        }
    }

    function _if(bool condition, uint256 value) private pure returns (uint256 c) {
        assembly ("memory-safe") {
            c := and(sub(0, condition), value)
        }
    }
}
