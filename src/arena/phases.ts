/** Phases of a round by the clock alone (`contracts/src/libraries/Clocks.sol`). */
import type { Clock } from './parameters.ts'

/** In the order of the contract's enum. `void` is where a round ends that cannot be judged. */
export const PHASES = ['pending', 'submit', 'open', 'validate', 'reveal', 'settle', 'dispute', 'final', 'void'] as const

export type Phase = (typeof PHASES)[number]

/** The phases that have an end, in order. */
const TIMED = ['submit', 'open', 'validate', 'reveal', 'settle', 'dispute'] as const

/** Seconds from the start of one round to the start of the next. */
export const roundSpan = (clock: Clock): number => TIMED.reduce((sum, phase) => sum + clock[phase], 0)

/** When a phase of a round ends, in seconds; `pending` ends where `submit` begins, `final` and `void` never. */
export function phaseEnd(clock: Clock, round: number, phase: Phase): number {
  if (phase === 'final' || phase === 'void') return Infinity
  let end = clock.start + round * roundSpan(clock)
  if (phase === 'pending') return end
  for (const timed of TIMED) {
    end += clock[timed]
    if (timed === phase) break
  }
  return end
}

/** The phase of a round at a time in seconds; `final` from the end of `dispute` on. */
export function phaseAt(clock: Clock, round: number, time: number): Exclude<Phase, 'void'> {
  if (time < phaseEnd(clock, round, 'pending')) return 'pending'
  return TIMED.find(phase => time < phaseEnd(clock, round, phase)) ?? 'final'
}

/** The round whose span holds a time; the first before the start, the last after the end. */
export function roundAt(clock: Clock, time: number): number {
  const round = Math.floor((time - clock.start) / roundSpan(clock))
  return Math.min(Math.max(round, 0), clock.rounds - 1)
}

/** Whether a phase of a round lies behind when the round is in another. */
export function isPast(phase: Phase, now: Phase): boolean {
  return PHASES.indexOf(phase) < PHASES.indexOf(now)
}
