/** What is due in a task and can be done by anyone: the chain moves by clock, but somebody has to send the calls. */
import { batchesIn, committeeIn, juryPhase, roundPhase } from './rounds.ts'
import type { TaskState } from './taskState.ts'

export type DueStep =
  /** Ask for, then take, the seed that deals the committees. */
  | { kind: 'fixSeed'; round: number }
  | { kind: 'settle'; round: number; batch: number }
  | { kind: 'rank'; round: number }
  | { kind: 'payTrainers'; round: number; indices: number[] }
  /** Pays the validators of all batches that are not paid; the last one ends the round. */
  | { kind: 'payValidators'; round: number }
  /** Count a jury. */
  | { kind: 'resolve'; round: number; batch: number; item: number }
  | { kind: 'closeVoid'; round: number }
  | { kind: 'payVoid'; round: number; indices: number[] }

/** @param time Unix seconds by the chain's clock. */
export function dueSteps(task: TaskState, time: number): DueStep[] {
  const steps: DueStep[] = []
  let earlierDone = true
  for (const state of task.rounds) {
    const { round } = state
    const phase = roundPhase(task, state, time)
    if (phase === 'pending') break
    if (phase === 'validate' && state.seed === null && state.validators.length > task.rules.committeeSize) steps.push({ kind: 'fixSeed', round })
    if (phase === 'settle') {
      batchesIn(task, state).forEach((_, batch) => {
        if (!state.settled.has(batch) && committeeIn(task, state, batch) !== null) steps.push({ kind: 'settle', round, batch })
      })
    }
    if (juryPhase(task, state, time) === 'settle') {
      for (const { batch, item, outcome } of state.disputes.values()) {
        if (outcome === null) steps.push({ kind: 'resolve', round, batch, item })
      }
    }
    if (earlierDone && phase === 'final' && !state.done) {
      if (state.rewards === null) steps.push({ kind: 'rank', round })
      else steps.push({ kind: 'payValidators', round })
    }
    if (state.rewards !== null) {
      const indices = [...state.ranks.keys()].filter(index => !state.paidTrainers.has(state.submissions[index]!.trainer))
      if (indices.length > 0) steps.push({ kind: 'payTrainers', round, indices })
    }
    if (earlierDone && phase === 'void' && !state.done) steps.push({ kind: 'closeVoid', round })
    if (state.voidShare !== null && state.voidShare > 0n) {
      const indices = state.submissions.filter(({ trainer }) => !state.paidTrainers.has(trainer)).map(({ index }) => index)
      if (indices.length > 0) steps.push({ kind: 'payVoid', round, indices })
    }
    earlierDone &&= state.done
  }
  return steps
}
