import { database, type RunRecord } from '../store/database.ts'
import type { Backend } from '../../workers/protocol.ts'
import { TrainingRun, type RunInput } from './trainingRun.svelte.ts'

/** Runs of this tab by task; they go on while the person looks at other pages. */
const runs = $state<Record<string, TrainingRun | undefined>>({})

/** The run of a task that this tab holds, if any. */
export function runOf(task: string): TrainingRun | undefined {
  return runs[task]
}

/** Starts a run, new or from its record. */
export function beginRun(record: RunRecord, input: RunInput, backends: Backend[] = ['webgpu', 'wasm', 'cpu']): TrainingRun {
  runs[record.task]?.dispose()
  return (runs[record.task] = TrainingRun.start(record, input, backends))
}

/** Puts the finished or thrown away run of a task aside. */
export function forgetRun(task: string): void {
  runs[task]?.dispose()
  runs[task] = undefined
}

/** The run that a closed or reloaded tab left unfinished. */
export async function unfinishedRun(task: string): Promise<RunRecord | undefined> {
  return database.runs.where('task').equals(task).and((run) => run.state === 'running' || run.state === 'paused').last()
}

/** Finished runs of a task, newest first. */
export async function finishedRuns(task: string): Promise<RunRecord[]> {
  const found = await database.runs.where('task').equals(task).and((run) => run.state === 'finished').toArray()
  return found.sort((a, b) => b.createdAt - a.createdAt)
}
