import type { ItemVerdict, ScoreCommand, ScoreEvent } from '../../workers/protocol.ts'
import { EngineError, workerStopped } from './engineError.ts'

export type ScoreInput = Omit<Extract<ScoreCommand, { type: 'score' }>, 'type' | 'runId'>

/**
 * Scores the base and adapters in a worker of its own.
 * @param onEvent Told of everything on the way: loading, backend, rows done, each verdict.
 * @throws EngineError; the signal's reason when aborted.
 */
export function scoreItems(
  input: ScoreInput, onEvent: (event: ScoreEvent) => void, signal?: AbortSignal,
): Promise<{ id: string; verdict: ItemVerdict }[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('../../workers/validate.worker.ts', import.meta.url), { type: 'module' })
    const runId = crypto.randomUUID()
    const end = (action: () => void) => {
      signal?.removeEventListener('abort', abort)
      worker.terminate()
      action()
    }
    const abort = () => end(() => reject(signal!.reason as Error))
    signal?.addEventListener('abort', abort)
    worker.onerror = (event) => end(() => reject(workerStopped(event)))
    worker.onmessage = ({ data }: MessageEvent<ScoreEvent>) => {
      if (data.runId !== runId) return
      onEvent(data)
      if (data.type === 'finished') end(() => resolve(data.verdicts))
      if (data.type === 'failed') end(() => reject(new EngineError(data.error)))
    }
    worker.postMessage({ type: 'score', runId, ...input } satisfies ScoreCommand)
  })
}
