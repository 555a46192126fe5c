// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";

/// The reward formulas. All divisions round down: what is left over stays in the pool.
library Rewards {
    uint256 internal constant WAD = 1e18;
    /// Wads in one unit of weight, a millionth of a token.
    uint256 internal constant WAD_PER_UNIT = 1e12;

    /// stake^alpha, wad of tokens.
    function power(uint256 weight, uint256 alpha) internal pure returns (uint256) {
        uint256 tokens = weight * WAD_PER_UNIT;
        if (alpha == WAD || tokens == 0) return tokens;
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint256(FixedPointMathLib.powWad(int256(tokens), int256(alpha)));
    }

    /// q^(rank - 1) * stake^alpha. The factor (1 - q) / (1 - q^n) is common to all ranks and cancels.
    function trainerWeight(uint256 rank, uint256 q, uint256 weight, uint256 alpha) internal pure returns (uint256) {
        return FixedPointMathLib.fullMulDiv(FixedPointMathLib.rpow(q, rank - 1, WAD), power(weight, alpha), WAD);
    }

    /// The two pools: gamma of the reward each, and the rest by stake.
    function pools(uint256 reward, uint256 gamma, uint256 trainerStake, uint256 validatorStake)
        internal
        pure
        returns (uint256 trainers, uint256 validators)
    {
        uint256 base = FixedPointMathLib.fullMulDiv(reward, gamma, WAD);
        uint256 rest = reward - 2 * base;
        uint256 stake = trainerStake + validatorStake;
        if (stake == 0) return (0, 0);
        trainers = base + FixedPointMathLib.fullMulDiv(rest, trainerStake, stake);
        validators = base + FixedPointMathLib.fullMulDiv(rest, validatorStake, stake);
    }

    /// part / whole of the amount.
    function share(uint256 amount, uint256 part, uint256 whole) internal pure returns (uint256) {
        return whole == 0 ? 0 : FixedPointMathLib.fullMulDiv(amount, part, whole);
    }
}
