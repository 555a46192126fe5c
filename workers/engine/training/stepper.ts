import { adamWSettings } from '../ops/adamW/index.ts'
import { dropoutKeys } from '../ops/linear/dropout.ts'
import { flatBuffers } from '../lora/layout.ts'
import type { LoraLayout } from '../lora/layout.ts'
import type { Adapter } from '../lora/adapter.ts'
import { gradientPrefix } from '../model/backward.ts'
import type { LoadedModel } from '../model/loadModel.ts'
import type { LoadedPlan } from '../plan/execute/executor.ts'
import { flopsOf } from '../plan/cost.ts'
import { momentPrefixes, planOptimizer } from '../plan/optimizer.ts'
import { lossBuffer, planTraining } from '../plan/training.ts'
import { slotCount, slotsOf } from './batch.ts'
import type { TokenBatch } from './batch.ts'

export interface StepperOptions {
  /** Prefix of the resident buffers; one per adapter in training. */
  id?: string
  dropout?: number
  gradientCheckpointing?: boolean
}

/** What an optimiser step is told. */
export interface StepSettings {
  learningRate: number
  /** Factor on B's learning rate. */
  loraPlusRatio: number
  weightDecay: number
  /** Largest gradient norm; 0: do not clip. */
  clip: number
  /** Seeds this step's dropout masks. */
  seed: number
}

export interface StepReport {
  /** Mean over all targets of the step, in nats. */
  loss: number
  /** Before clipping. */
  gradientNorm: number
}

/** Everything that a step changes: saved and restored, it continues to the bit. */
export interface StepperState {
  /** Steps done. */
  step: number
  a: Float32Array
  b: Float32Array
  /** Adam's moments of A and of B. */
  m: [Float32Array, Float32Array]
  v: [Float32Array, Float32Array]
}

const adamBetas = [0.9, 0.999]

/** One adapter in training on a device: gradients, moments, and the step that uses them. */
export class Stepper {
  readonly id: string
  readonly layout: LoraLayout
  /** Optimiser steps done. */
  step = 0
  private readonly model: LoadedModel
  private readonly dropout: number
  private readonly gradientCheckpointing: boolean
  private readonly plans = new Map<string, { plan: LoadedPlan; flops: number }>()
  private optimizer: LoadedPlan | undefined

  constructor(model: LoadedModel, adapter: Adapter, { id = 'train', dropout = 0, gradientCheckpointing = false }: StepperOptions = {}) {
    this.id = id
    this.model = model
    this.layout = adapter.layout
    this.dropout = dropout
    this.gradientCheckpointing = gradientCheckpointing
    const { executor } = model
    const [m, v] = momentPrefixes(id)
    for (const [prefix, role] of [[id, 'adapter'], [gradientPrefix(id), 'gradient'], [m, 'moment'], [v, 'moment']] as const) {
      executor.allocate(Object.values(flatBuffers(adapter.layout, prefix, role)))
    }
    executor.allocate([{ name: lossBuffer(id), shape: [1], dtype: 'float32', role: 'state' }])
    executor.write(`${id}.a`, adapter.a)
    executor.write(`${id}.b`, adapter.b)
    this.clearGradients()
  }

  /**
   * One optimiser step over micro-batches.
   *
   * @param perBatch weigh each batch's mean loss alike (as frameworks do that average
   *   over micro-batches) instead of each target.
   * @throws {DeviceLostError}
   */
  async run(batches: readonly TokenBatch[], settings: StepSettings, perBatch = false): Promise<StepReport> {
    const targets = batches.reduce((sum, batch) => sum + batch.targetCount, 0)
    for (const [i, batch] of batches.entries()) {
      const weight = perBatch ? 1 / (batch.targetCount * batches.length) : 1 / targets
      await this.accumulate(batch, weight, settings.seed * 1021 + i)
    }
    return this.update(settings)
  }

  /** Floating-point operations of the micro-batches' passes, as planned. */
  flops(batches: readonly TokenBatch[]): number {
    return batches.reduce((sum, batch) => sum + (this.plans.get(planKey(batch, slotCount(batch)))?.flops ?? 0), 0)
  }

  /** Adds a micro-batch's gradients and weighted loss to what is there. */
  async accumulate(batch: TokenBatch, weight: number, seed: number): Promise<void> {
    const count = slotCount(batch)
    const { plan } = await this.plan(batch, count)
    plan.write('ids', batch.ids)
    plan.write('positions', batch.positions)
    plan.write('segments', batch.segments)
    plan.write('weight', Float32Array.of(weight))
    if (this.dropout) plan.write('keys', dropoutKeys(this.layout.modules.length, seed))
    if (count === batch.targets.length) plan.write('targets', batch.targets)
    else {
      const { targets, slots, tokenSlots } = slotsOf(batch, count)
      plan.write('targets', targets)
      plan.write('slots', slots)
      plan.write('tokenSlots', tokenSlots)
    }
    await plan.run()
  }

  /** Clips and applies the gradients, then forgets them. One readback. */
  async update({ learningRate, loraPlusRatio, weightDecay, clip }: StepSettings): Promise<StepReport> {
    this.optimizer ??= await this.model.executor.load(planOptimizer(this))
    const settings = new Float32Array(6)
    const t = this.step + 1
    settings[adamWSettings.learningRateA] = learningRate
    settings[adamWSettings.learningRateB] = learningRate * loraPlusRatio
    settings[adamWSettings.correction1] = 1 - adamBetas[0] ** t
    settings[adamWSettings.correction2] = 1 - adamBetas[1] ** t
    settings[adamWSettings.weightDecay] = weightDecay
    settings[adamWSettings.clip] = clip
    this.optimizer.write('settings', settings)
    await this.optimizer.run()
    this.clearGradients()
    const [gradientNorm, loss] = await this.optimizer.read('report')
    this.step = t
    return { loss, gradientNorm }
  }

  /** The adapter as it is now. */
  async adapter(): Promise<Adapter> {
    const { executor } = this.model
    return { layout: this.layout, a: await executor.read(`${this.id}.a`), b: await executor.read(`${this.id}.b`) }
  }

  /** The gradients accumulated since the last update, as an adapter-shaped pair. */
  async gradients(): Promise<Adapter> {
    const { executor } = this.model
    const prefix = gradientPrefix(this.id)
    return { layout: this.layout, a: await executor.read(`${prefix}.a`), b: await executor.read(`${prefix}.b`) }
  }

  async state(): Promise<StepperState> {
    const { executor } = this.model
    const [m, v] = momentPrefixes(this.id)
    const pair = async (prefix: string): Promise<[Float32Array, Float32Array]> => [await executor.read(`${prefix}.a`), await executor.read(`${prefix}.b`)]
    const [a, b] = await pair(this.id)
    return { step: this.step, a, b, m: await pair(m), v: await pair(v) }
  }

  restore({ step, a, b, m, v }: StepperState): void {
    const { executor } = this.model
    const [first, second] = momentPrefixes(this.id)
    for (const [prefix, [left, right]] of [[this.id, [a, b]], [first, m], [second, v]] as const) {
      executor.write(`${prefix}.a`, left)
      executor.write(`${prefix}.b`, right)
    }
    this.step = step
    this.clearGradients()
  }

  dispose(): void {
    for (const { plan } of this.plans.values()) plan.dispose()
    this.plans.clear()
    this.optimizer?.dispose()
    this.model.executor.release(`${this.id}.`)
  }

  private clearGradients(): void {
    const { executor } = this.model
    executor.clear(`${gradientPrefix(this.id)}.a`)
    executor.clear(`${gradientPrefix(this.id)}.b`)
    executor.clear(lossBuffer(this.id))
  }

  private async plan(batch: TokenBatch, targets: number): Promise<{ plan: LoadedPlan; flops: number }> {
    const { rows, length } = batch
    const key = planKey(batch, targets)
    const known = this.plans.get(key)
    if (known) return known
    const { config, formats, executor } = this.model
    const adapter = { id: this.id, layout: this.layout, dropout: this.dropout }
    const plan = planTraining({ config, adapter, formats, batch: { rows, length, targets }, gradientCheckpointing: this.gradientCheckpointing })
    const loaded = { plan: await executor.load(plan), flops: flopsOf(plan) }
    this.plans.set(key, loaded)
    return loaded
  }
}

function planKey({ rows, length }: TokenBatch, targets: number): string {
  return `${rows}x${length}:${targets}`
}
