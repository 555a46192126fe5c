/** What an operator's reward leaves for its delegators (`contracts/src/arena/Payments.sol`, `_reward`). */
import { mulWad, WAD } from './fixedPoint.ts'
import { share } from './rewards.ts'

/**
 * f · (1 - sigma) · delegated / (own + delegated), rounded down; the rest is the operator's.
 * @param amount wei of reward.
 * @param own stake of the operator, in the unit of `delegated`.
 * @param sigma wad: the part that comes before any sharing.
 */
export function delegatorsPart(amount: bigint, own: bigint, delegated: bigint, sigma: bigint): bigint {
  return delegated === 0n ? 0n : share(mulWad(amount, WAD - sigma), delegated, own + delegated)
}
