/** The worker that keeps models: one for the page, asked by messages. */
import type { ModelsCommand, ModelsEvent, Progress } from '../../../workers/protocol.ts'
import { EngineError, workerStopped } from '../engineError.ts'

type WithoutRun<T> = T extends unknown ? Omit<T, 'runId'> : never
type Question = WithoutRun<Exclude<ModelsCommand, { type: 'cancel' }>>
/** What each command is answered with in the end. */
interface Answers { add: 'added'; plan: 'plan'; open: 'opened'; fetch: 'listed'; list: 'listed'; delete: 'listed'; discard: 'listed' }
type Answer<Q extends Question> = Extract<ModelsEvent, { type: Answers[Q['type']] }>

export interface AskOptions {
  signal?: AbortSignal
  onProgress?: (progress: Progress, what: 'loading' | 'checking') => void
}

let worker: Worker | undefined
const waiting = new Map<string, (event: ModelsEvent | EngineError) => void>()

function modelsWorker(): Worker {
  if (worker) return worker
  worker = new Worker(new URL('../../../workers/models.worker.ts', import.meta.url), { type: 'module' })
  worker.onmessage = ({ data }: MessageEvent<ModelsEvent>) => waiting.get(data.runId)?.(data)
  worker.onerror = (event) => {
    worker = undefined
    for (const tell of waiting.values()) tell(workerStopped(event))
  }
  return worker
}

/**
 * Asks the worker and waits for its answer.
 * @throws EngineError; the signal's reason when aborted.
 */
export function askModels<Q extends Question>(question: Q, { signal, onProgress }: AskOptions = {}): Promise<Answer<Q>> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const runId = crypto.randomUUID()
    const cancel = () => modelsWorker().postMessage({ type: 'cancel', runId } satisfies ModelsCommand)
    const end = (action: () => void) => {
      waiting.delete(runId)
      signal?.removeEventListener('abort', cancel)
      action()
    }
    signal?.addEventListener('abort', cancel)
    waiting.set(runId, (event) => {
      if (event instanceof Error) return end(() => reject(event))
      switch (event.type) {
        case 'loading': return onProgress?.(event.progress, 'loading')
        case 'checking': return onProgress?.(event.progress, 'checking')
        case 'failed': return end(() => reject(new EngineError(event.error)))
        case 'cancelled': return end(() => reject((signal?.reason as Error | undefined) ?? new DOMException('Cancelled', 'AbortError')))
        default: return end(() => resolve(event as Answer<Q>))
      }
    })
    modelsWorker().postMessage({ ...question, runId } as ModelsCommand)
  })
}
