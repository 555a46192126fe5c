/** What stake counts for (`contracts/src/libraries/LockMultiplier.sol`, `Stakes._weigh`). */

const DAY = 86_400
/** Seconds of lock that bring nothing. */
export const FREE_LOCK = 30 * DAY
/** Seconds of the longest lock. */
export const MAX_LOCK = 365 * DAY
const EPS_HUNDREDTHS = 219n
const MAX_WEIGHT = 2n ** 48n - 1n

/** An amount times its lock's multiplier: n up to 30 days, at most about 3.01 n at a year. `remaining` in seconds. */
export function lockedWeight(amount: bigint, remaining: number): bigint {
  if (remaining <= FREE_LOCK) return amount
  const beyond = BigInt(Math.min(remaining, MAX_LOCK) - FREE_LOCK)
  return amount + (amount * EPS_HUNDREDTHS * beyond) / (100n * BigInt(MAX_LOCK))
}

/**
 * A stake in weight units.
 * @param weightUnit wei of one unit, from the contract.
 * @param remaining seconds of its lock still to go.
 */
export function weigh(amount: bigint, remaining: number, weightUnit: bigint): { weight: bigint; own: bigint } {
  const own = amount / weightUnit
  const weight = lockedWeight(own, remaining)
  return { weight: weight < MAX_WEIGHT ? weight : MAX_WEIGHT, own: own < MAX_WEIGHT ? own : MAX_WEIGHT }
}
