import { expect, it } from 'vitest'
import { FREE_LOCK, lockedWeight, MAX_LOCK, weigh } from './stake.ts'

it('a longer lock weighs more, up to about 3.01 times', () => {
  expect(lockedWeight(10_000n, 0)).toBe(10_000n)
  expect(lockedWeight(10_000n, FREE_LOCK)).toBe(10_000n)
  expect(lockedWeight(10_000n, MAX_LOCK)).toBe(10_000n + 20_100n)
  expect(lockedWeight(10_000n, 10 * MAX_LOCK)).toBe(lockedWeight(10_000n, MAX_LOCK))
})

it('stake is weighed in whole units, and never above 48 bits', () => {
  expect(weigh(2_500_000n, 0, 1_000_000n)).toEqual({ weight: 2n, own: 2n })
  expect(weigh(10n ** 60n, 0, 1n)).toEqual({ weight: 2n ** 48n - 1n, own: 2n ** 48n - 1n })
})
