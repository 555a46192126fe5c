import type { PhaseLengths } from './createTask.ts'

const MINUTE = 60
const HOUR = 3600

/** Phase lengths to start from, in seconds. */
export const paces: Record<'minutes' | 'hours' | 'days', { words: string; lengths: PhaseLengths }> = {
  minutes: { words: 'Minutes: to try it out', lengths: { submit: 10 * MINUTE, open: 2 * MINUTE, validate: 5 * MINUTE, reveal: 2 * MINUTE, settle: 2 * MINUTE, dispute: 2 * MINUTE } },
  hours: { words: 'Hours: a day a round', lengths: { submit: 14 * HOUR, open: 2 * HOUR, validate: 4 * HOUR, reveal: HOUR, settle: HOUR, dispute: 2 * HOUR } },
  days: { words: 'Days: a week a round', lengths: { submit: 96 * HOUR, open: 12 * HOUR, validate: 24 * HOUR, reveal: 12 * HOUR, settle: 12 * HOUR, dispute: 12 * HOUR } },
}

/** Room for adapters above a base, in parameters: enough for rank 16 on all layers of a small model. */
export function adapterRoom(parameters: number): number {
  return Math.max(150_000, Math.ceil(parameters * 0.1))
}
