/** The worker that keeps models: one for the page, asked by messages. */
import type { ModelsCommand, ModelsEvent, Progress, WithoutRun } from '../../../workers/protocol.ts'
import { WorkerLine } from '../workerLine.ts'

type Question = WithoutRun<Exclude<ModelsCommand, { type: 'cancel' }>>
/** What each command is answered with in the end. */
const answers = {
  add: 'added', plan: 'plan', open: 'opened', fetch: 'listed', list: 'listed', delete: 'listed', discard: 'listed',
} as const satisfies Record<Question['type'], ModelsEvent['type']>
type Answer<Q extends Question> = Extract<ModelsEvent, { type: (typeof answers)[Q['type']] }>

export interface AskModelsOptions {
  signal?: AbortSignal
  onProgress?: (progress: Progress, what: 'loading' | 'checking') => void
}

const line = new WorkerLine<ModelsCommand, ModelsEvent>(
  () => new Worker(new URL('../../../workers/models.worker.ts', import.meta.url), { type: 'module' }),
)

/**
 * Asks the worker and waits for its answer.
 * @throws EngineError; the signal's reason when aborted.
 */
export function askModels<Q extends Question>(question: Q, { signal, onProgress }: AskModelsOptions = {}): Promise<Answer<Q>> {
  const onEvent = (event: ModelsEvent) => {
    if (event.type === 'loading' || event.type === 'checking') onProgress?.(event.progress, event.type)
  }
  return line.ask(question, answers[question.type as Q['type']], { signal, onEvent })
}
