import { describe, expect, it } from 'vitest'
import { weightedLowerMedian, type Weighted } from './median.ts'

/** The definition taken literally: the smallest value with at least half of the weight at or below it. */
function byDefinition(items: Weighted[]): number {
  const total = items.reduce((sum, item) => sum + item.weight, 0n)
  return Math.min(...items.map(item => item.value).filter(value =>
    items.filter(item => item.value <= value).reduce((sum, item) => sum + item.weight, 0n) * 2n >= total))
}

describe('stake-weighted lower median', () => {
  it('takes the lower of two equal halves', () => {
    expect(weightedLowerMedian([{ value: 9, weight: 5n }, { value: 3, weight: 5n }])).toBe(3)
    expect(weightedLowerMedian([{ value: 9, weight: 6n }, { value: 3, weight: 5n }])).toBe(9)
  })

  it('is null without weight', () => {
    expect(weightedLowerMedian([])).toBeNull()
    expect(weightedLowerMedian([{ value: 3, weight: 0n }])).toBeNull()
  })

  it('is what its definition says', () => {
    let seed = 7
    const random = (n: number) => (seed = (seed * 48271) % 2147483647) % n
    for (let round = 0; round < 2000; round++) {
      const items = Array.from({ length: 1 + random(12) }, () => ({ value: random(10), weight: BigInt(1 + random(20)) }))
      expect(weightedLowerMedian(items)).toBe(byDefinition(items))
    }
  })
})
