import type { ItemVerdict, ScoreCommand, ScoreEvent } from '../../workers/protocol.ts'
import { WorkerLine } from './workerLine.ts'

export type ScoreInput = Omit<Extract<ScoreCommand, { type: 'score' }>, 'type' | 'runId'>

/**
 * Scores the base and adapters in a worker of its own.
 * @param onEvent Told of everything on the way: loading, backend, rows done, each verdict.
 * @throws EngineError; the signal's reason when aborted.
 */
export async function scoreItems(
  input: ScoreInput, onEvent: (event: ScoreEvent) => void, signal?: AbortSignal,
): Promise<{ id: string; verdict: ItemVerdict }[]> {
  const line = new WorkerLine<ScoreCommand, ScoreEvent>(() => new Worker(new URL('../../workers/validate.worker.ts', import.meta.url), { type: 'module' }))
  try {
    return (await line.ask({ type: 'score', ...input }, 'finished', { signal, onEvent })).verdicts
  } finally {
    line.dispose()
  }
}
