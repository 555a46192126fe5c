import { expect, it } from 'vitest'
import { aloneFrom, isTurn, type Gathering } from './gathering.ts'

const MINUTE = 60_000
const turn = (gathering: Partial<Gathering>) => isTurn({ missing: 4, ready: 4, place: 0, quiet: 0, waited: 0, ...gathering }, 10_000, 10 * MINUTE)

it('nobody waits for others in the last five minutes, or the last quarter of a short phase', () => {
  expect(aloneFrom({ from: 0, to: 86_400 })).toBe(86_100)
  expect(aloneFrom({ from: 100, to: 180 })).toBe(160)
})

it('the first sends as soon as all is there, the next when the first had its time', () => {
  expect(turn({})).toBe(true)
  expect(turn({ place: 1 })).toBe(false)
  expect(turn({ place: 1, quiet: 10_000 })).toBe(true)
  expect(turn({ place: 2, quiet: 19_999 })).toBe(false)
})

it('who says that theirs is coming is waited for, who is silent is not', () => {
  expect(turn({ ready: 3, quiet: 9_999, waited: MINUTE })).toBe(false)
  expect(turn({ ready: 3, quiet: 10_000, waited: MINUTE })).toBe(true)
  expect(turn({ ready: 1, quiet: 10_000 })).toBe(true)
})

it('nobody is waited for without end, and turns are kept then too', () => {
  expect(turn({ ready: 3, quiet: 0, waited: 10 * MINUTE + 9_999 })).toBe(false)
  expect(turn({ ready: 3, quiet: 0, waited: 10 * MINUTE + 10_000 })).toBe(true)
  expect(turn({ ready: 3, place: 1, quiet: 0, waited: 10 * MINUTE + 10_000 })).toBe(false)
  expect(turn({ ready: 3, place: 1, quiet: 0, waited: 10 * MINUTE + 20_000 })).toBe(true)
})
