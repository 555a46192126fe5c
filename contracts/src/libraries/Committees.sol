// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// How submissions are cut into batches and validators dealt to them.
/// n validators, m submissions, committees of c, batches of s:
/// B = max(1, min(ceil(m / s), floor(n / c))) batches; batch b judges the
/// submissions [b * m / B, (b + 1) * m / B); its committee is the min(n, c)
/// validators at positions b * c … of a seeded permutation of all n. Nobody
/// sits twice; who is not dealt in has nothing to do. Where n <= c everybody is dealt in,
/// in the order of enrolment, and no seed is needed.
library Committees {
    /// Submissions in a batch at most: the medians are checked in one transaction.
    uint256 internal constant MAX_BATCH = 1_000;
    /// Submissions times members of a batch at most: a chain takes 2^24 gas a transaction (EIP-7825), and a score costs
    /// up to 1,250 where it is INVALID or an outlier (contracts/test/WorstCase.t.sol).
    uint256 internal constant MAX_SCORES = 12_800;
    /// Submissions, and validators who are dealt in, of a round at most: a round is concluded in one transaction.
    uint256 internal constant MAX_SUBMISSIONS = 4_096;
    uint256 internal constant MAX_DEALT = 512;

    function batches(uint256 n, uint256 m, uint256 c, uint256 s) internal pure returns (uint256 b) {
        unchecked {
            uint256 wanted = (m + s - 1) / s;
            b = n / c;
            if (wanted < b) b = wanted;
            if (b > MAX_DEALT / c) b = MAX_DEALT / c;
            if (b == 0) b = 1;
        }
    }

    /// Submissions that one committee of c can be given.
    function batchCapacity(uint256 c) internal pure returns (uint256 most) {
        most = MAX_SCORES / c;
        if (most > MAX_BATCH) most = MAX_BATCH;
    }

    /// Submissions that n validators can judge; more validators never make it less.
    function capacity(uint256 n, uint256 c) internal pure returns (uint256) {
        uint256 most = batches(n, MAX_SUBMISSIONS, c, 1) * batchCapacity(c);
        return most < MAX_SUBMISSIONS ? most : MAX_SUBMISSIONS;
    }

    function size(uint256 n, uint256 c) internal pure returns (uint256) {
        return n < c ? n : c;
    }

    /// Submissions [from, to) are judged by batch b of `count`.
    function range(uint256 b, uint256 count, uint256 m) internal pure returns (uint256 from, uint256 to) {
        unchecked {
            from = b * m / count;
            to = (b + 1) * m / count;
        }
    }

    /// Where `position` of 0 … n - 1 goes in the permutation that `seed` fixes: four rounds of a
    /// balanced Feistel network on the smallest even number of bits that holds n, walked until
    /// the value is below n (Black and Rogaway, "Ciphers with arbitrary finite domains", 2002).
    function permute(bytes32 seed, uint256 n, uint256 position) internal pure returns (uint256 x) {
        unchecked {
            uint256 half = 1;
            while (1 << (2 * half) < n) ++half;
            uint256 mask = (1 << half) - 1;
            x = position;
            do {
                uint256 left = x >> half;
                uint256 right = x & mask;
                for (uint256 i; i < 4; ++i) {
                    (left, right) = (right, left ^ (uint256(_hash(seed, i, right)) & mask));
                }
                x = (left << half) | right;
            } while (x >= n);
        }
    }

    /// keccak256(abi.encode(seed, i, right))
    function _hash(bytes32 seed, uint256 i, uint256 right) private pure returns (bytes32 h) {
        assembly ("memory-safe") {
            let p := mload(0x40)
            mstore(p, seed)
            mstore(add(p, 0x20), i)
            mstore(add(p, 0x40), right)
            h := keccak256(p, 0x60)
        }
    }
}
