import type { TrainEvent, WithoutRun } from '../../protocol.ts'
import { toWorkerError } from '../errors.ts'
import { freshAdapter } from '../lora/adapter.ts'
import type { Adapter } from '../lora/adapter.ts'
import { layoutKey, layoutOfSettings } from '../lora/layout.ts'
import type { LoraSettings } from '../lora/settings.ts'
import type { LoadedModel } from '../model/loadModel.ts'
import { Pace } from '../progress.ts'
import { bitsPerByte, meanLoss } from '../scoring/bitsPerByte.ts'
import { Scorer } from '../scoring/scorer.ts'
import type { EncodedRow } from '../tokenizer/encodeRows.ts'
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint.ts'
import type { CheckpointStore } from './checkpoint.ts'
import { nextTask } from './control.ts'
import type { TrainingControl } from './control.ts'
import { EarlyStopping } from './earlyStopping.ts'
import { fingerprintOf } from './fingerprint.ts'
import { learningRate } from './schedule.ts'
import { Sequences } from './sequences.ts'
import type { TrainingSettings } from './settings.ts'
import { Stepper } from './stepper.ts'

/** The loss is no number any more. */
export class DivergedError extends Error {
  override readonly name = 'DivergedError'
  readonly advice = 'Start again with a lower learning rate, or with clipping.'
}

export interface TrainerOptions {
  runId: string
  model: LoadedModel
  rows: readonly EncodedRow[]
  /** Held-out rows; without them the training loss is judged. */
  validation: readonly EncodedRow[]
  contextLength: number
  lora: LoraSettings
  training: TrainingSettings
  /** Continue from this adapter instead of a fresh one. */
  adapter?: Adapter
  checkpoints?: CheckpointStore
  /** Continue from the run's checkpoint when there is one. */
  resume: boolean
  control: TrainingControl
  emit: (event: TrainerEvent) => void
  /** Continues the sample prompts with the adapter that is resident under `id`. */
  sample?: (adapter: { id: string; layout: Adapter['layout'] }, prompt: string, step: number) => Promise<string>
}

/** What a trainer tells on the way; the caller adds the run's id. */
export type TrainerEvent = WithoutRun<Extract<TrainEvent, { type: 'resumed' | 'step' | 'evaluated' | 'sample' | 'checkpoint' | 'unsaved' | 'paused' }>>

export interface TrainedAdapter {
  reason: 'steps' | 'level' | 'stopped'
  steps: number
  bestStep: number
  bestLoss: number
  adapter: Adapter
}

/** One fine-tuning from its first or last kept step to its end. */
export class Trainer {
  private readonly options: TrainerOptions
  private readonly stepper: Stepper
  private readonly stopping: EarlyStopping
  private readonly sequences: Sequences
  private readonly scorer: Scorer
  private readonly fingerprint: string
  private best: { a: Float32Array; b: Float32Array } | null = null
  private window: number[] = []
  private evaluatedAt = -1

  constructor(options: TrainerOptions) {
    const { model, lora, training, rows, contextLength } = options
    this.options = options
    const adapter = options.adapter ?? freshAdapter(layoutOfSettings(model.config, lora), training.seed)
    this.stepper = new Stepper(model, adapter, { dropout: lora.dropout, gradientCheckpointing: training.gradientCheckpointing })
    this.stopping = new EarlyStopping(training)
    this.sequences = new Sequences(rows, contextLength, training)
    this.scorer = new Scorer(model, options.validation)
    this.fingerprint = fingerprintOf({ lora, training, layout: layoutKey(adapter.layout), base: model.id, rows: rows.map(({ ids }) => ids) })
  }

  /** Numbers that are trained. */
  get trainable(): number {
    return this.stepper.layout.parameters
  }

  /** Tokens of the longest row of a batch. */
  get longest(): number {
    return this.sequences.longest
  }

  /**
   * @returns the best adapter, or null when the run was cancelled.
   * @throws {DivergedError | DeviceLostError}
   */
  async run(): Promise<TrainedAdapter | null> {
    try {
      return await this.train()
    } finally {
      this.scorer.dispose()
      this.stepper.dispose()
    }
  }

  private async train(): Promise<TrainedAdapter | null> {
    const { training, control, runId, checkpoints } = this.options
    const { steps, evaluateEvery, checkpointEvery } = training
    await this.resume()
    if (this.stepper.step === 0 && this.options.validation.length) await this.evaluate()
    const pace = new Pace('steps', steps, this.stepper.step)
    let reason: TrainedAdapter['reason'] = 'steps'
    while (this.stepper.step < steps) {
      const ending = await control.heed(() => this.pause())
      if (ending === 'cancel') return this.discard()
      if (ending === 'stop') { reason = 'stopped'; break }
      await this.step(pace)
      const { step } = this.stepper
      if (step % evaluateEvery === 0 || step === steps) await this.evaluate()
      if (control.ended === 'cancel') return this.discard()
      if (step % checkpointEvery === 0 && step < steps) await this.save()
      if (this.stopping.isLevel) { reason = 'level'; break }
    }
    if (this.evaluatedAt < this.stepper.step) await this.evaluate()
    if (control.ended === 'cancel') return this.discard()
    // What stays behind costs room, the adapter is worth more.
    await checkpoints?.remove(runId).catch(() => undefined)
    const { bestStep, bestLoss } = this.stopping.state
    const adapter = this.best ? { layout: this.stepper.layout, ...this.best } : await this.stepper.adapter()
    return { reason, steps: this.stepper.step, bestStep, bestLoss, adapter }
  }

  private async step(pace: Pace): Promise<void> {
    const { training } = this.options
    const { step } = this.stepper
    const batches = this.sequences.step(step)
    const rate = learningRate(step, training)
    const { loraPlusRatio, weightDecay, clip, seed } = training
    const started = performance.now()
    const { loss, gradientNorm } = await this.stepper.run(batches, { learningRate: rate, loraPlusRatio, weightDecay, clip, seed: seed + step })
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) {
      throw new DivergedError(`At step ${step + 1} the loss is ${loss} and the gradient's norm ${gradientNorm}, at a learning rate of ${rate}.`)
    }
    const seconds = (performance.now() - started) / 1000
    const tokens = batches.reduce((sum, batch) => sum + batch.segments.filter((segment) => segment >= 0).length, 0)
    this.window.push(loss)
    this.options.emit({
      type: 'step', step: step + 1, loss, learningRate: rate, gradientNorm,
      tokensPerSecond: tokens / seconds, flopsPerSecond: this.stepper.flops(batches) / seconds, progress: pace.at(step + 1),
    })
  }

  /** Judges the adapter as it is; keeps it when it is the best. */
  private async evaluate(): Promise<void> {
    const { validation, training, emit, sample, control } = this.options
    const { step, id, layout } = this.stepper
    const planned = { id, layout, dropout: 0 }
    let loss: number
    let bits = Number.NaN
    if (validation.length) {
      const abort = new AbortController()
      const between = async (): Promise<void> => {
        await nextTask()
        if (control.ended === 'cancel') abort.abort()
      }
      try {
        const scores = await this.scorer.score(planned, { between, signal: abort.signal })
        loss = meanLoss(scores)
        bits = bitsPerByte(scores)
      } catch (error) {
        if (abort.signal.aborted) return
        throw error
      }
    } else if (this.window.length) loss = this.window.reduce((a, b) => a + b) / this.window.length
    else loss = Number.MAX_VALUE // Stopped before the first step: the adapter as it came is all there is.
    this.window = []
    this.evaluatedAt = step
    const best = this.stopping.note(step, loss)
    if (best) {
      const { a, b } = await this.stepper.adapter()
      this.best = { a, b }
    }
    emit({ type: 'evaluated', step, loss, bitsPerByte: bits, best })
    if (!sample) return
    for (const prompt of training.samplePrompts) {
      if (control.ended) return
      emit({ type: 'sample', step, prompt, text: await sample(planned, prompt, step) })
    }
  }

  private async pause(): Promise<void> {
    await this.save()
    this.options.emit({ type: 'paused', step: this.stepper.step })
  }

  private async save(): Promise<void> {
    const { checkpoints, runId, emit } = this.options
    if (!checkpoints) return
    const { fingerprint, best, evaluatedAt, window } = this
    const bytes = encodeCheckpoint({ fingerprint, stepper: await this.stepper.state(), stopping: this.stopping.state, best, evaluatedAt, window })
    const { step } = this.stepper
    try {
      await checkpoints.write(runId, bytes)
    } catch (error) {
      // A full disk costs the checkpoint, not the run.
      emit({ type: 'unsaved', step, error: toWorkerError(error) })
      return
    }
    emit({ type: 'checkpoint', step })
  }

  private async resume(): Promise<void> {
    const { checkpoints, runId, resume, emit } = this.options
    const bytes = resume ? await checkpoints?.read(runId) : null
    const checkpoint = bytes ? await decodeCheckpoint(bytes, this.fingerprint) : null
    if (!checkpoint) return
    this.stepper.restore(checkpoint.stepper)
    this.stopping.state = checkpoint.stopping
    this.best = checkpoint.best
    this.window = checkpoint.window
    this.evaluatedAt = checkpoint.evaluatedAt
    emit({ type: 'resumed', step: checkpoint.stepper.step })
  }

  private async discard(): Promise<null> {
    await this.options.checkpoints?.remove(this.options.runId)
    return null
  }
}
