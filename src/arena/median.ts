/**
 * The stake-weighted lower median: the smallest value v such that the weight of
 * all values at most v is at least half of the whole.
 */
export interface Weighted {
  value: number
  /** Wei of stake; more than 0. */
  weight: bigint
}

/**
 * @returns null when there is no weight at all.
 */
export function weightedLowerMedian(items: readonly Weighted[]): number | null {
  const sorted = [...items].sort((a, b) => a.value - b.value)
  const total = sorted.reduce((sum, item) => sum + item.weight, 0n)
  let below = 0n
  for (const { value, weight } of sorted) {
    below += weight
    if (weight > 0n && below * 2n >= total) return value
  }
  return null
}
