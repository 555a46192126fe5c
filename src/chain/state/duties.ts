/** What an account has to do in a task now, and what it can only do later: read off the chain's state. */
import { phaseAt, phaseEnd } from '../../arena/phases.ts'
import type { Address } from 'viem'
import { positionOf } from './position.ts'
import { roundPhase } from './rounds.ts'
import type { TaskState } from './taskState.ts'

/** Something that must happen before its phase ends, or it costs stake. */
export type Duty =
  | { kind: 'open'; round: number; deadline: number }
  | { kind: 'score'; round: number; batch: number; deadline: number }
  | { kind: 'reveal'; round: number; batch: number; deadline: number }

/** @param time Unix seconds by the chain's clock. */
export function dutiesOf(task: TaskState, account: Address, time: number): Duty[] {
  return task.rounds.flatMap((round): Duty[] => {
    const phase = roundPhase(task, round, time)
    const position = positionOf(task, round, account, time)
    const deadline = phaseEnd(task.clock, round.round, phaseAt(task.clock, round.round, time))
    const at = { round: round.round, deadline }
    if (phase === 'open' && position.sealedOrder !== null && position.openedIndex === null) return [{ kind: 'open', ...at }]
    if (typeof position.batch !== 'number') return []
    if (phase === 'validate' && !position.sealedScores) return [{ kind: 'score', batch: position.batch, ...at }]
    if (phase === 'reveal' && position.sealedScores && !position.revealedScores) return [{ kind: 'reveal', batch: position.batch, ...at }]
    return []
  })
}
