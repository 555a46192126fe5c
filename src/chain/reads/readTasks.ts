import type { Address } from 'viem'
import type { Phase } from '../../arena/phases.ts'
import type { ArenaReader } from '../arena.ts'
import { feedOf } from '../feed.ts'
import { roundView } from '../state/rounds.ts'
import type { TaskState } from '../state/taskState.ts'

/** One line of the list of tasks. */
export interface TaskSummary {
  task: TaskState
  /** Current round, from 0. */
  round: number
  phase: Phase
  /** Unix milliseconds at which the phase ends; Infinity for `final`. */
  deadline: number
  trainers: number
  validators: number
  /** Submissions over all rounds. */
  submissions: number
}

/** All tasks, newest first. */
export async function readTasks(reader: ArenaReader, options: { signal?: AbortSignal } = {}): Promise<TaskSummary[]> {
  const feed = feedOf(reader)
  const { head } = await feed.refresh(options)
  const tasks = [...(await feed.tasks.read()).values()].sort((a, b) => Number(b.taskId - a.taskId))
  return tasks.map(task => summarize(task, head.timestamp))
}

/** @param time Unix seconds by the chain's clock. */
export function summarize(task: TaskState, time: number): TaskSummary {
  const { round, phase, ends } = roundView(task, time)
  const roles = new Map<Address, string>([...task.stakes].filter(([, { amount }]) => amount > 0n).map(([account, { role }]) => [account, role]))
  const count = (role: string) => [...roles.values()].filter(value => value === role).length
  return {
    task, round: round.round, phase, deadline: ends * 1000, trainers: count('trainer'), validators: count('validator'),
    submissions: task.rounds.reduce((sum, { submissions }) => sum + submissions.length, 0),
  }
}
