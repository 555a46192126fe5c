import type { StoredEvent } from '../../store/chain.ts'
import type { TaskState } from './taskState.ts'

/**
 * A state that can be folded further while whoever was told of the old one still draws it: what the events
 * touch is copied, finished rounds are shared.
 */
export function forkTask(state: TaskState, events: readonly StoredEvent[]): TaskState {
  const touched = new Set(events.map(({ args }) => (args.round === undefined ? -1 : Number(args.round))))
  return {
    ...state,
    funders: new Map(state.funders),
    stakes: new Map([...state.stakes].map(([account, stake]) => [account, { ...stake }])),
    backings: new Map(state.backings),
    rounds: state.rounds.map(round => (touched.has(round.round) ? structuredClone(round) : round)),
  }
}
