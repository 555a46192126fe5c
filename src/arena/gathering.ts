/** When a committee's seals, or reveals, are sent: by one for all while there is time, by each alone when there is little left. */

/** Seconds at the end of a phase that are kept for sending, where the phase is long enough; a quarter of a long one. */
const RESERVE = 60

/**
 * Each member's turn to send for all comes after the one before has had its time; the last half of the reserve is for
 * whoever was not sent for.
 * @param phase Unix seconds at which it begins and ends.
 * @param place among the members who are still missing, from 0.
 * @returns Unix seconds.
 */
export function gatherTimes(phase: { from: number; to: number }, place: number, members: number): { gather: number; alone: number } {
  const length = phase.to - phase.from
  const reserve = Math.min(length, Math.max(RESERVE, length / 4))
  const first = phase.to - reserve
  return { gather: first + (reserve / 2) * (place / members), alone: first + reserve / 2 }
}
