/** Delegated stake: how long its terms can change, and what an operator's reward leaves for its delegators (`contracts/src/arena/Payments.sol`, `_reward`). */
import { mulWad, WAD } from './fixedPoint.ts'
import type { Clock } from './parameters.ts'
import { phaseEnd } from './phases.ts'
import { share } from './rewards.ts'

/** Seconds before a task's end from which sharing ratios stay as they are (`Delegation.FREEZE`). */
const FREEZE = 2 * 86_400

/** Unix seconds after which a sharing ratio does not change any more; a first one can still be set. */
export function sharingFrozenFrom(clock: Clock): number {
  // The end of the last round's dispute window is the start of the round that there is not.
  return phaseEnd(clock, clock.rounds - 1, 'dispute') - FREEZE
}

/**
 * f · (1 - sigma) · delegated / (own + delegated), rounded down; the rest is the operator's.
 * @param amount wei of reward.
 * @param own stake of the operator, in the unit of `delegated`.
 * @param sigma wad: the part that comes before any sharing.
 */
export function delegatorsPart(amount: bigint, own: bigint, delegated: bigint, sigma: bigint): bigint {
  return delegated === 0n ? 0n : share(mulWad(amount, WAD - sigma), delegated, own + delegated)
}
