/**
 * How a round's reward is split (docs/protocol.md, "Order and reward").
 *
 * Shares are wads; amounts are wei. Every division rounds down, so what is paid
 * never exceeds what there is; the dust stays in the task.
 */
import { BPS, expWad, mulDiv, mulWad, powWad, WAD } from './fixedPoint.ts'

/** A party to the split: its share factor g or F, and the stake that backs it (own and delegated). */
export interface Share {
  /** g of a trainer's rank, or F of a validator; a wad. */
  factor: bigint
  /** Wei of stake. */
  stake: bigint
}

/**
 * Splits a round's reward between trainers and validators.
 * @param gamma wad in [0, 1/2]: the part each side gets whatever the stakes.
 */
export function splitPools(reward: bigint, trainerStake: bigint, validatorStake: bigint, gamma: bigint): { trainers: bigint; validators: bigint } {
  const total = trainerStake + validatorStake
  if (total === 0n) return { trainers: 0n, validators: 0n }
  const shareOf = (stake: bigint) => mulWad(reward, gamma + mulDiv(WAD - 2n * gamma, stake, total))
  return { trainers: shareOf(trainerStake), validators: shareOf(validatorStake) }
}

/** g_k up to a common factor: q^(k-1) for ranks 1 to n, wads. (1-q)/(1-q^n) cancels in the split. */
export function rankFactors(n: number, q: bigint): bigint[] {
  const factors: bigint[] = []
  for (let k = 0, power = WAD; k < n; k++, power = mulWad(power, q)) factors.push(power)
  return factors
}

/** F = e^(-lambda·D) · revealed/dealt, a wad. */
export function validatorFactor(deviation: bigint, lambda: bigint, revealed: bigint, dealt: bigint): bigint {
  return mulDiv(expWad(-mulWad(lambda, deviation)), revealed, dealt)
}

/** Pays a pool out in proportion to factor · stake^a. */
export function splitPool(pool: bigint, shares: readonly Share[], a: bigint = WAD): bigint[] {
  const weights = shares.map(({ factor, stake }) => mulWad(factor, a === WAD ? stake : powWad(stake, a)))
  const sum = weights.reduce((total, weight) => total + weight, 0n)
  return weights.map(weight => (sum === 0n ? 0n : mulDiv(pool, weight, sum)))
}

/** The owner's part of what an operator earned; the rest is its delegators'. */
export function ownerPart(amount: bigint, own: bigint, delegated: bigint, sigmaBps: bigint): bigint {
  if (delegated === 0n) return amount
  const sharedWith = mulDiv(amount, BPS - sigmaBps, BPS)
  return amount - mulDiv(sharedWith, delegated, own + delegated)
}
