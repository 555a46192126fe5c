// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {Rewards} from "../src/libraries/Rewards.sol";
import {Lists} from "./helpers/Lists.sol";
import {vm} from "./helpers/Vm.sol";

/// Powers of rank and stake, for every q and alpha that a task may have: what contracts/proofs/Weights.t.sol leaves to fuzz, because the
/// library's loops and its exp and ln are beyond the solvers.
contract RewardWeightsTest is Lists {
    uint256 internal constant WAD = 1e18;
    /// Of a round, and of one submission (uint48).
    uint256 internal constant MAX_RANK = 4096;
    uint256 internal constant MAX_WEIGHT = type(uint48).max;

    /// A worse rank never weighs more.
    function testFuzz_ranksFall(uint256 q, uint256 rank, uint256 weight, uint256 alpha) public pure {
        (q, rank, weight, alpha) = (anyQ(q), within(rank, 1, MAX_RANK - 1), within(weight, 0, MAX_WEIGHT), within(alpha, 1, WAD));
        vm.assertLe(Rewards.trainerWeight(rank + 1, q, weight, alpha), Rewards.trainerWeight(rank, q, weight, alpha), "worse");
    }

    /// More stake never weighs less, up to a millionth of a token more.
    function testFuzz_stakeCounts(uint256 q, uint256 rank, uint256 weight, uint256 more, uint256 alpha) public pure {
        (q, rank, weight, alpha) = (anyQ(q), within(rank, 1, MAX_RANK), within(weight, 0, MAX_WEIGHT - 1), within(alpha, 1, WAD));
        more = more % 2 == 0 ? weight + 1 : within(more, weight + 1, MAX_WEIGHT);
        vm.assertLe(Rewards.trainerWeight(rank, q, weight, alpha), Rewards.trainerWeight(rank, q, more, alpha), "more stake");
    }

    /// All ranks' factors together are the geometric series' 1 / (1 - q), and what rounding adds: less than a 10^-18 for each rank and rank before it.
    function testFuzz_seriesIsBounded(uint256 q, uint256 ranks) public pure {
        (q, ranks) = (anyQ(q), within(ranks, 1, 512));
        uint256 sum;
        for (uint256 k; k < ranks; ++k) sum += FixedPointMathLib.rpow(q, k, WAD);
        vm.assertLe(sum, WAD * WAD / (WAD - q) + ranks * ranks, "1 / (1 - q)");
        vm.assertLe(sum, ranks * WAD, "one each");
    }

    /// Whatever the weights come to, the shares of a pool are the pool, less than a wei a winner missing.
    function testFuzz_poolIsPaid(uint256 seed, uint256 q, uint256 alpha, uint128 pool) public pure {
        (q, alpha) = (anyQ(q), within(alpha, 1, WAD));
        uint256 winners = 1 + seed % 24;
        uint256[] memory weights = new uint256[](winners);
        uint256 whole;
        for (uint256 k; k < winners; ++k) {
            weights[k] = Rewards.trainerWeight(k + 1, q, uint256(keccak256(abi.encode(seed, k))) % MAX_WEIGHT, alpha);
            whole += weights[k];
        }
        if (whole == 0) return;
        uint256 paid;
        for (uint256 k; k < winners; ++k) paid += Rewards.share(pool, weights[k], whole);
        vm.assertLe(paid, pool, "no more than there is");
        vm.assertLe(pool - paid, winners - 1, "dust");
    }

    /// Half of them next to 1, where rounding has most to say.
    function anyQ(uint256 q) internal pure returns (uint256) {
        return q % 2 == 0 ? within(q, 1, WAD - 1) : WAD - 1 - (q >> 8) % 10 ** ((q >> 1) % 18);
    }
}
