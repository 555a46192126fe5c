import { expect, it } from 'vitest'
import { gatherTimes } from './gathering.ts'

it('gives each member a turn, and time alone after all turns, within the phase', () => {
  for (const length of [1, 45, 90, 3600, 86_400]) {
    const phase = { from: 1000, to: 1000 + length }
    const turns = Array.from({ length: 32 }, (_, place) => gatherTimes(phase, place, 32))
    turns.forEach(({ gather, alone }, place) => {
      expect(gather).toBeGreaterThanOrEqual(phase.from)
      expect(gather).toBeLessThan(alone)
      expect(alone).toBeLessThan(phase.to)
      if (place > 0) expect(gather).toBeGreaterThan(turns[place - 1]!.gather)
    })
  }
  expect(gatherTimes({ from: 0, to: 90 }, 0, 2)).toEqual({ gather: 30, alone: 60 })
  expect(gatherTimes({ from: 0, to: 86_400 }, 16, 32)).toEqual({ gather: 64_800 + 5_400, alone: 64_800 + 10_800 })
})
