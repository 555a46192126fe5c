// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

uint32 constant INVALID = 0xffffffff;
uint32 constant ABSTAIN = 0xfffffffe;

/// What the contracts check, computed the plain way: by sorting.
library Judge {
    /// Stake-weighted lower median of what is not ABSTAIN; ABSTAIN when nothing else is there.
    function median(uint32[] memory scores, uint256[] memory weights) internal pure returns (uint32) {
        uint256 total;
        for (uint256 i; i < scores.length; ++i) {
            if (scores[i] != ABSTAIN) total += weights[i];
        }
        if (total == 0) return ABSTAIN;
        uint32 best = INVALID;
        for (uint256 i; i < scores.length; ++i) {
            if (scores[i] == ABSTAIN || scores[i] >= best) continue;
            uint256 upTo;
            for (uint256 j; j < scores.length; ++j) {
                if (scores[j] != ABSTAIN && scores[j] <= scores[i]) upTo += weights[j];
            }
            if (2 * upTo >= total) best = scores[i];
        }
        return best;
    }

    function pack(uint32[] memory scores) internal pure returns (bytes memory packed) {
        packed = new bytes(4 * scores.length);
        for (uint256 i; i < scores.length; ++i) {
            for (uint256 b; b < 4; ++b) {
                packed[4 * i + b] = bytes1(uint8(scores[i] >> (24 - 8 * b)));
            }
        }
    }

    function unpack(bytes memory packed) internal pure returns (uint32[] memory scores) {
        scores = new uint32[](packed.length / 4);
        for (uint256 i; i < scores.length; ++i) {
            for (uint256 b; b < 4; ++b) {
                scores[i] = (scores[i] << 8) | uint8(packed[4 * i + b]);
            }
        }
    }
}
