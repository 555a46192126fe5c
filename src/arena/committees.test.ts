import { keccak256, toHex } from 'viem'
import { describe, expect, it } from 'vitest'
import { batchCount, batchRange, committeeOf, permute } from './committees.ts'

const seed = keccak256(toHex('a seed'))

describe('committees', () => {
  it('permute every size without loss', () => {
    for (const n of [1, 2, 3, 4, 5, 16, 17, 63, 64, 65, 262]) {
      const seen = new Set(Array.from({ length: n }, (_, position) => permute(seed, n, position)))
      expect(seen.size).toBe(n)
      expect(Math.max(...seen)).toBe(n - 1)
    }
  })

  it('seat nobody twice in a round, and everybody where they are few', () => {
    const seats = Array.from({ length: batchCount(262, 900, 32, 100) }, (_, batch) => committeeOf(batch, 262, 32, seed))
    expect(seats.map(members => members.length)).toEqual(Array<number>(8).fill(32))
    expect(new Set(seats.flat()).size).toBe(8 * 32)
    expect(committeeOf(0, 5, 32, null)).toEqual([0, 1, 2, 3, 4])
    expect(() => committeeOf(0, 33, 32, null)).toThrow(/seed/)
  })

  it('cut all submissions into batches of like size', () => {
    for (const [n, m, c, s] of [[64, 250, 32, 100], [10, 7, 32, 100], [100, 1, 10, 5], [300, 3574, 32, 100]] as const) {
      const count = batchCount(n, m, c, s)
      const ranges = Array.from({ length: count }, (_, b) => batchRange(b, count, m))
      expect(ranges[0]!.from).toBe(0)
      expect(ranges.at(-1)!.to).toBe(m)
      ranges.slice(1).forEach((range, index) => { expect(range.from).toBe(ranges[index]!.to) })
      const sizes = ranges.map(({ from, to }) => to - from)
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
    }
  })
})
