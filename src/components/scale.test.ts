import { expect, test } from 'vitest'
import { ticks } from './scale.ts'

test('axis values are round and inside the range', () => {
  expect(ticks(0, 100)).toEqual([0, 50, 100])
  expect(ticks(0, 10, 5)).toEqual([0, 2, 4, 6, 8, 10])
  expect(ticks(1.13, 1.57)).toEqual([1.2, 1.4])
  expect(ticks(3, 3)).toEqual([3])
})
