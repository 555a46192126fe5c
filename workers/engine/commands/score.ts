import type { AdapterFiles, ItemVerdict, Progress, ScoreCommand, ScoreEvent } from '../../protocol.ts'
import { AdapterError } from '../lora/peftConfig.ts'
import { importPeft } from '../lora/peftImport.ts'
import { placeAdapter, removeAdapter } from '../lora/residentAdapter.ts'
import type { PlannedAdapter } from '../model/decoderContext.ts'
import type { LoadedModel } from '../model/loadModel.ts'
import { microBitsPerByte } from '../scoring/bitsPerByte.ts'
import { Scorer } from '../scoring/scorer.ts'
import { chatTemplate } from '../tokenizer/chatTemplate.ts'
import { encodeRows } from '../tokenizer/encodeRows.ts'
import { nextTask } from '../training/control.ts'
import type { OpenModelOptions } from '../weights/openModel.ts'
import type { Session } from './session.ts'
import { NoRowsError } from './train.ts'

export interface ScoreServices {
  session: Session
  signal: AbortSignal
  emit: (event: ScoreEvent) => void
  openFile?: OpenModelOptions['openFile']
}

/** The id under which each item's adapter is resident, one after the other. */
const candidate = 'candidate'

/**
 * Scores every item of a `score` command on its rows (`protocol.md`, Score).
 *
 * @throws the signal's reason when aborted; whatever else makes scoring impossible for all items.
 */
export async function score(command: Extract<ScoreCommand, { type: 'score' }>, { session, signal, emit, openFile }: ScoreServices): Promise<void> {
  const { runId, items, text, parameterLimit } = command
  const onLoading = (file: string, progress: Progress): void => emit({ type: 'loading', runId, file, progress })
  const { model, tokenizer, fallbacks } = await session.prepare({
    source: command.model, backends: command.backends, onLoading, signal, openFile, parameterLimit,
  })
  const { executor, config } = model
  emit({ type: 'backend', runId, backend: executor.backend, device: executor.device, fallbacks })
  const contextLength = Math.min(text.contextLength, config.contextLength)
  const { rows, skipped } = encodeRows(tokenizer, chatTemplate(tokenizer, text.chatTemplate), command.rows, contextLength)
  if (!rows.length) throw new NoRowsError(`None of ${command.rows.length} rows can be scored${skipped.length ? `: ${skipped[0].reason}` : ''}.`)
  const scorer = new Scorer(model, rows)
  const verdicts: { id: string; verdict: ItemVerdict }[] = []
  let placed: PlannedAdapter | null = null
  try {
    for (const [item, { id, adapter }] of items.entries()) {
      const onProgress = (progress: Progress): void => emit({ type: 'scoring', runId, itemId: id, item, items: items.length, progress })
      const invalid = (reason: string): ItemVerdict => ({ kind: 'invalid', reason })
      const verdict = await place(model, adapter, parameterLimit).then(
        async (planned): Promise<ItemVerdict> => {
          placed = planned ?? placed
          const scores = await scorer.score(planned, { signal, onProgress, between: nextTask })
          const micro = microBitsPerByte(scores)
          if (micro === null) return invalid('The model with this adapter gives likelihoods that are no numbers.')
          return { kind: 'score', microBitsPerByte: micro, rows: scores, skippedRows: skipped.length }
        },
        (error: unknown) => {
          if (error instanceof AdapterError) return invalid(error.message)
          throw error
        },
      )
      verdicts.push({ id, verdict })
      emit({ type: 'scored', runId, itemId: id, verdict })
    }
  } finally {
    scorer.dispose()
    if (placed) removeAdapter(executor, placed)
  }
  emit({ type: 'finished', runId, verdicts })
}

async function place(model: LoadedModel, files: AdapterFiles | string | null, parameterLimit: number): Promise<PlannedAdapter | null> {
  if (files === null) return null
  if (typeof files === 'string') throw new AdapterError(files)
  const { adapter } = await importPeft(files, model.config, parameterLimit - model.parameters)
  return placeAdapter(model.executor, candidate, adapter)
}
