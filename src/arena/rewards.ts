/**
 * The reward formulas (docs/protocol.md, "Order and reward"; `contracts/src/libraries/Rewards.sol`).
 *
 * Shares are wads, amounts wei, stakes weight units (a millionth of a token).
 * Every division rounds down, so what is paid never exceeds what there is; the
 * dust stays in the contract.
 */
import { expWad, mulDiv, mulWad, powWad, rpow, WAD } from './fixedPoint.ts'

const WAD_PER_UNIT = 10n ** 12n

/** stake^alpha, a wad of tokens. */
export function power(weight: bigint, alpha: bigint): bigint {
  const tokens = weight * WAD_PER_UNIT
  return alpha === WAD || tokens === 0n ? tokens : powWad(tokens, alpha)
}

/** q^(rank - 1) · stake^alpha, rank from 1. The factor (1 - q) / (1 - q^n) is common to all ranks and cancels. */
export function trainerWeight(rank: number, q: bigint, weight: bigint, alpha: bigint): bigint {
  return mulWad(rpow(q, rank - 1), power(weight, alpha))
}

/** F = e^(-lambda · deviation) · answered / judged, a wad. */
export function quality(distance: { sum: bigint; answered: number }, judged: number, lambda: bigint): bigint {
  if (distance.answered === 0) return 0n
  const deviation = distance.sum / BigInt(distance.answered)
  return mulDiv(expWad(-mulWad(lambda, deviation)), BigInt(distance.answered), BigInt(judged))
}

/** F · stake^alpha. */
export const validatorWeight = (factor: bigint, weight: bigint, alpha: bigint): bigint => mulWad(factor, power(weight, alpha))

/** The two pools: gamma of the reward each, and the rest by own stake. */
export function splitPools(
  reward: bigint, gamma: bigint, trainerStake: bigint, validatorStake: bigint,
): { trainers: bigint; validators: bigint } {
  const base = mulWad(reward, gamma)
  const rest = reward - 2n * base
  const stake = trainerStake + validatorStake
  if (stake === 0n) return { trainers: 0n, validators: 0n }
  return { trainers: base + mulDiv(rest, trainerStake, stake), validators: base + mulDiv(rest, validatorStake, stake) }
}

/** part / whole of an amount; 0 of nothing. */
export const share = (amount: bigint, part: bigint, whole: bigint): bigint => (whole === 0n ? 0n : mulDiv(amount, part, whole))
