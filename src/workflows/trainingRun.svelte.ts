/**
 * A training run as the page sees it: commands to the worker, its events as
 * reactive state, and everything worth keeping in the database, so that a
 * reloaded tab goes on where it was.
 */
import { database, type RunRecord } from '../store/database.ts'
import type {
  AdapterFiles, Backend, MemoryPlan, ModelSource, Progress, StepEvent, TextSettings, TrainCommand, TrainEvent,
} from '../../workers/protocol.ts'
import type { ChatRow } from '../data/row.ts'
import { EngineError, workerStopped } from './engineError.ts'
import { searching } from './searching.ts'

/** What a run is made of besides its record. */
export interface RunInput {
  model: ModelSource
  text: TextSettings
  rows: ChatRow[]
  /** Bytes that may be taken. */
  budget: number
}

export class TrainingRun {
  record: RunRecord = $state()!
  phase: 'loading' | 'training' | 'paused' | 'ended' | 'failed' = $state('loading')
  /** What it waits for. */
  waiting: { what: string; progress: Progress } | null = $state(null)
  latest: StepEvent | null = $state(null)
  memory: MemoryPlan | null = $state(null)
  device: string = $state('')
  fallbacks: string[] = $state([])
  skippedRows: number = $state(0)
  error: EngineError | null = $state(null)
  /** Why the latest checkpoint could not be kept. */
  unsaved: EngineError | null = $state(null)

  readonly #worker: Worker
  /** The engine is about to begin, from the start unless it says that it found a checkpoint. */
  #begins = false

  private constructor(record: RunRecord, worker: Worker) {
    this.record = record
    this.#worker = worker
  }

  /** Starts a new run, or goes on with one from the database. */
  static start(record: RunRecord, input: RunInput, backends: Backend[]): TrainingRun {
    const worker = new Worker(new URL('../../workers/train.worker.ts', import.meta.url), { type: 'module' })
    const run = new TrainingRun(record, worker)
    worker.onmessage = ({ data }: MessageEvent<TrainEvent>) => run.#take(data)
    worker.onerror = (event) => run.#fail(workerStopped(event))
    void database.runs.put($state.snapshot(record))
    run.#send({
      type: 'train', runId: record.id, ...input, lora: $state.snapshot(record.lora), training: $state.snapshot(record.training),
      backends, resume: record.step > 0,
    })
    return run
  }

  pause(): void {
    this.#send({ type: 'pause', runId: this.record.id })
  }

  resume(): void {
    this.#send({ type: 'resume', runId: this.record.id })
    this.phase = 'training'
  }

  /** Ends the run and keeps the best adapter so far. */
  stop(): void {
    this.#send({ type: 'stop', runId: this.record.id })
  }

  /** Throws the run away. */
  async cancel(): Promise<void> {
    this.#send({ type: 'cancel', runId: this.record.id })
    await database.runs.delete(this.record.id)
  }

  /** Lets go of the worker; a run that has not ended can be started again from its record. */
  dispose(): void {
    this.#worker.terminate()
  }

  #send(command: TrainCommand): void {
    this.#worker.postMessage(command)
  }

  #save(): void {
    void database.runs.put($state.snapshot(this.record) as RunRecord)
  }

  #take(event: TrainEvent): void {
    if (event.runId !== this.record.id) return
    const record = this.record
    switch (event.type) {
      case 'loading':
        this.waiting = { what: `Loading ${event.file}`, progress: event.progress }
        return
      case 'tuning':
        this.waiting = { what: searching(event), progress: event.progress }
        return
      case 'backend':
        record.backend = event.backend
        this.device = event.device
        this.fallbacks = event.fallbacks
        return
      case 'planned':
        this.memory = event.memory
        this.skippedRows = event.skippedRows
        this.#begins = true
        return
      case 'resumed':
        this.#goBack(event.step)
        return
      case 'step':
        if (this.#begins) this.#goBack(-1)
        this.waiting = null
        if (this.phase === 'loading') this.phase = 'training'
        this.latest = event
        record.step = event.step
        record.losses.push({ step: event.step, loss: event.loss })
        return
      case 'evaluated':
        if (this.#begins) this.#goBack(-1)
        record.evaluations.push({ step: event.step, loss: event.loss, bitsPerByte: event.bitsPerByte })
        if (event.best) {
          record.bestStep = event.step
          record.bestLoss = event.loss
        }
        return
      case 'sample':
        record.samples = [...(record.samples ?? []), { step: event.step, prompt: event.prompt, text: event.text }]
        return
      case 'checkpoint':
        this.unsaved = null
        record.state = 'running'
        this.#save()
        return
      case 'unsaved':
        this.unsaved = new EngineError(event.error)
        return
      case 'paused':
        this.phase = 'paused'
        record.state = 'paused'
        this.#save()
        return
      case 'finished':
        this.#finish(event.adapter, event.reason, event.bestStep, event.bestLoss)
        return
      case 'cancelled':
        this.phase = 'ended'
        record.state = 'cancelled'
        this.dispose()
        return
      case 'failed':
        this.#fail(new EngineError(event.error))
        return
      default:
        event satisfies never
    }
  }

  /** What came after a checkpoint is trained again; all of it (-1) where there was no checkpoint. */
  #goBack(step: number): void {
    this.#begins = false
    const { record } = this
    record.step = Math.max(0, step)
    record.losses = record.losses.filter((point) => point.step <= step)
    record.evaluations = record.evaluations.filter((point) => point.step <= step)
    record.samples = record.samples?.filter((sample) => sample.step <= step)
  }

  #fail(error: EngineError): void {
    this.phase = 'failed'
    this.error = error
    this.dispose()
  }

  #finish(adapter: AdapterFiles, reason: 'steps' | 'level' | 'stopped', bestStep: number, bestLoss: number): void {
    Object.assign(this.record, { state: 'finished', adapter, endedBy: reason, bestStep, bestLoss } satisfies Partial<RunRecord>)
    this.phase = 'ended'
    this.#save()
    this.dispose()
  }
}

/** A record for a run that is about to start. */
export function newRun(task: string, settings: Pick<RunRecord, 'lora' | 'training' | 'base'>): RunRecord {
  return {
    id: crypto.randomUUID(), task, createdAt: Date.now(), state: 'running', ...settings,
    backend: null, step: 0, bestStep: 0, bestLoss: Number.POSITIVE_INFINITY, losses: [], evaluations: [],
  }
}
