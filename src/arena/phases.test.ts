import { describe, expect, it } from 'vitest'
import { phaseAt, phaseEnd, PHASES, roundAt, roundSpan } from './phases.ts'

const clock = { start: 1000, submit: 10, open: 20, validate: 30, reveal: 40, settle: 50, dispute: 60, rounds: 2 }

describe('phases', () => {
  it('follow each other on the second', () => {
    expect(roundSpan(clock)).toBe(210)
    const ends = PHASES.slice(0, 7).map(phase => phaseEnd(clock, 0, phase))
    expect(ends).toEqual([1000, 1010, 1030, 1060, 1100, 1150, 1210])
    ends.forEach((end, index) => {
      expect(phaseAt(clock, 0, end - 1)).toBe(PHASES[index])
      expect(phaseAt(clock, 0, end)).toBe(PHASES[index + 1])
    })
    expect(phaseEnd(clock, 0, 'final')).toBe(Infinity)
  })

  it('know their round', () => {
    expect([0, 1000, 1209, 1210, 1419, 1420, 9999].map(time => roundAt(clock, time))).toEqual([0, 0, 0, 1, 1, 1, 1])
    expect(phaseAt(clock, 1, 1209)).toBe('pending')
    expect(phaseAt(clock, 1, 1210)).toBe('submit')
  })
})
