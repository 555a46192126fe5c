import { splitRows } from '../../../src/data/splitRows.ts'
import type { MemoryPlan, Progress, TrainCommandStart, TrainEvent } from '../../protocol.ts'
import { generate } from '../generation/generate.ts'
import { exportPeft } from '../lora/peftExport.ts'
import { importPeft } from '../lora/peftImport.ts'
import { layoutOfSettings } from '../lora/layout.ts'
import { loraSettingsSchema } from '../lora/settings.ts'
import { DeviceLostError } from '../plan/execute/executor.ts'
import { WasmExecutor } from '../plan/execute/wasm.ts'
import { WebGpuExecutor } from '../plan/execute/webgpu.ts'
import { chatTemplate } from '../tokenizer/chatTemplate.ts'
import { encodePrompt, encodeRows, stopTokenIds } from '../tokenizer/encodeRows.ts'
import type { CheckpointStore } from '../training/checkpoint.ts'
import { nextTask } from '../training/control.ts'
import type { TrainingControl } from '../training/control.ts'
import { MemoryPlanError, memoryPlanFor } from '../training/memoryPlan.ts'
import type { PlannedRun } from '../training/memoryPlan.ts'
import { Sequences } from '../training/sequences.ts'
import { trainingSettingsSchema } from '../training/settings.ts'
import { Trainer } from '../training/trainer.ts'
import type { TrainedAdapter } from '../training/trainer.ts'
import type { OpenModelOptions } from '../weights/openModel.ts'
import type { OpenedModel, Session } from './session.ts'

/** Rows of which none can be learnt from. */
export class NoRowsError extends Error {
  override readonly name = 'NoRowsError'
  readonly advice = 'Add rows with assistant turns, or allow a longer context.'
}

export interface TrainServices {
  session: Session
  control: TrainingControl
  emit: (event: TrainEvent) => void
  checkpoints?: CheckpointStore
  openFile?: OpenModelOptions['openFile']
}

/** How often a run goes on after its GPU was lost. */
const attempts = 3

/**
 * Runs a `train` command to its end and tells of everything on the way.
 *
 * @throws whatever ends the run: the caller tells of it.
 */
export async function train(command: TrainCommandStart, services: TrainServices): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await trainOnce({ ...command, resume: command.resume || attempt > 1 }, services)
    } catch (error) {
      if (!(error instanceof DeviceLostError) || attempt === attempts) throw error
      services.session.reset()
    }
  }
}

async function trainOnce(command: TrainCommandStart, { session, control, emit, checkpoints, openFile }: TrainServices): Promise<void> {
  const { runId, text, resume } = command
  const lora = loraSettingsSchema.parse(command.lora)
  const training = trainingSettingsSchema.parse(command.training)
  const abort = new AbortController()
  const onLoading = (file: string, progress: Progress): void => {
    emit({ type: 'loading', runId, file, progress })
    if (control.ended === 'cancel') abort.abort()
  }
  const opened = await orCancelled(abort.signal, session.open({ source: command.model, backends: command.backends, budget: command.budget, onLoading, openFile, signal: abort.signal }))
  if (!opened) return emit({ type: 'cancelled', runId })
  const { tokenizer, fallbacks, executor, config } = opened
  emit({ type: 'backend', runId, backend: executor.backend, device: executor.device, fallbacks })

  const template = chatTemplate(tokenizer, text.chatTemplate)
  const contextLength = Math.min(text.contextLength, config.contextLength)
  const [own, held] = command.validationRows ? [command.rows, command.validationRows] : splitRows(command.rows, training.validationShare, training.seed)
  const rows = encodeRows(tokenizer, template, own, contextLength)
  const validation = encodeRows(tokenizer, template, held, contextLength)
  if (!rows.rows.length) throw new NoRowsError(`None of ${own.length} rows can be learnt from${rows.skipped.length ? `: ${rows.skipped[0].reason}` : ''}.`)
  const adapter = command.adapter && (await importPeft(command.adapter, config)).adapter
  const memory = planned(opened, { lora, training, length: new Sequences(rows.rows, contextLength, training).longest })
  emit({
    type: 'planned', runId, memory, parameters: opened.parameters, trainable: (adapter?.layout ?? layoutOfSettings(config, lora)).parameters,
    rows: rows.rows.length, skippedRows: rows.skipped.length + validation.skipped.length,
  })
  if (memory.total > executor.budget) throw new MemoryPlanError(memory, executor.budget)
  const model = await orCancelled(abort.signal, opened.load())
  if (!model) return emit({ type: 'cancelled', runId })
  const sample = async (planned: { id: string; layout: TrainedAdapter['adapter']['layout'] }, prompt: string, step: number): Promise<string> => {
    const sampling = { maxTokens: 64, temperature: 0, topK: 0, topP: 1, repetitionPenalty: 1, stop: [], seed: step }
    const ids = encodePrompt(tokenizer, template, { conversations: [{ role: 'user', content: prompt }] })
    const stopIds = stopTokenIds(tokenizer, template, config.eosTokenIds)
    return (await generate(model, { adapter: { ...planned, dropout: 0 }, tokenizer, prompt: ids, sampling, stopIds, between: nextTask })).text
  }
  const trainer = new Trainer({
    runId, model, rows: rows.rows, validation: validation.rows, contextLength, lora, training, adapter, checkpoints, resume, control, sample,
    emit: (event) => emit({ ...event, runId } as TrainEvent),
  })
  const trained = await trainer.run()
  if (!trained) return emit({ type: 'cancelled', runId })
  const { reason, steps, bestStep, bestLoss } = trained
  const files = exportPeft(trained.adapter, { baseModel: model.id, dropout: lora.dropout, rsLora: lora.rsLora })
  emit({ type: 'finished', runId, reason, steps, bestStep, bestLoss, adapter: files })
}

/** What the run will take, before anything of it is allocated. */
function planned({ config, formats, executor }: OpenedModel, run: Pick<PlannedRun, 'lora' | 'training' | 'length'>): MemoryPlan {
  const device = executor instanceof WebGpuExecutor ? { capabilities: executor.gpu.capabilities }
    : executor instanceof WasmExecutor ? { threads: executor.machine.threads } : {}
  return memoryPlanFor(config, { ...run, formats }, executor.backend, { budget: executor.budget, ...device })
}

/** Null when it failed because of the signal. */
async function orCancelled<T>(signal: AbortSignal, work: Promise<T>): Promise<T | null> {
  try {
    return await work
  } catch (error) {
    if (signal.aborted) return null
    throw error
  }
}
