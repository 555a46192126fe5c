import { expect, it } from 'vitest'
import { Random } from './random.ts'

it('repeats its sequence from a seed and from a kept state', () => {
  const random = new Random(7)
  const first = Array.from({ length: 5 }, () => random.bits())
  const kept = new Random(random.state)
  expect(Array.from({ length: 5 }, () => kept.bits())).toEqual(Array.from({ length: 5 }, () => random.bits()))
  const again = new Random(7)
  expect(Array.from({ length: 5 }, () => again.bits())).toEqual(first)
  expect(new Set(first).size).toBe(5)
})

it('draws evenly, within bounds', () => {
  const random = new Random(1)
  const counts = Array<number>(6).fill(0)
  for (let draw = 0; draw < 60_000; draw++) counts[random.between(1, 6) - 1]!++
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500)
  const normals = Array.from({ length: 20_000 }, () => random.normal())
  const mean = normals.reduce((sum, value) => sum + value, 0) / normals.length
  const variance = normals.reduce((sum, value) => sum + (value - mean) ** 2, 0) / normals.length
  expect(Math.abs(mean)).toBeLessThan(0.03)
  expect(Math.abs(variance - 1)).toBeLessThan(0.05)
})

it('shuffles without losing anything', () => {
  const items = Array.from({ length: 50 }, (_, index) => index)
  const shuffled = new Random(3).shuffled(items)
  expect(shuffled).not.toEqual(items)
  expect([...shuffled].sort((a, b) => a - b)).toEqual(items)
})
