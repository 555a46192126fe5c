/** When a committee's seals, or reveals, are sent: by one for all, or by each alone when there is little time left. */

/** Seconds at the end of a phase in which nobody waits for anybody; a quarter of a short phase. */
const RESERVE = 300

/** @param phase Unix seconds at which it begins and ends. @returns Unix seconds from which each member sends its own. */
export const aloneFrom = (phase: { from: number; to: number }): number => phase.to - Math.min(RESERVE, (phase.to - phase.from) / 4)

/** Where a gathering stands, as one of its members sees it. */
export interface Gathering {
  /** Members whose part is not on chain, and those of them whose part is at hand. */
  missing: number
  ready: number
  /** This member's place among those who are ready, from 0. */
  place: number
  /** Milliseconds since another part came, or somebody said that theirs is coming; and since this member's own was ready. */
  quiet: number
  waited: number
}

/**
 * Whether it is a member's turn to send what is at hand for all. Who is silent is not waited for, and the next in
 * place takes over from a sender who is gone.
 * @param patience milliseconds of silence after which a tab counts as gone.
 * @param longest milliseconds that anybody is waited for, whatever they say.
 */
export function isTurn({ missing, ready, place, quiet, waited }: Gathering, patience: number, longest: number): boolean {
  const silence = Math.max(quiet, waited - longest)
  return silence >= patience * (place + (ready < missing ? 1 : 0))
}
