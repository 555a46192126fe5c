import { layoutOfSettings } from '../../workers/engine/lora/layout.ts'
import type { Executor } from '../../workers/engine/plan/execute/executor.ts'
import { Random } from '../../src/data/random.ts'
import { layOut } from '../../workers/engine/training/batch.ts'
import { Stepper } from '../../workers/engine/training/stepper.ts'
import { shapes } from './shapes.ts'
import type { ShapeName } from './shapes.ts'
import { median } from './median.ts'
import { placeSyntheticModel } from './syntheticModel.ts'

export interface SideOptions {
  model: ShapeName
  rows: number
  /** Tokens of each row. */
  length: number
  /** Steps that are timed, after one that is not. */
  steps: number
}

/** Training steps of one model on one executor. */
export interface SideReport {
  device: string
  /** Of a step. */
  tokens: number
  /** Median of the timed steps. */
  milliseconds: number
  tokensPerSecond: number
  /** As planned, over the time measured. */
  flopsPerSecond: number
  /** Of the first step: both sides must agree on it. */
  loss: number
  /** The most that was taken at one time: of the process, or of WebGPU's buffers. */
  peakBytes: number
}

/** LoRA steps (r = 8 on q and v) of a model with made-up Q4_1 weights. */
export async function benchSide(executor: Executor, { model, rows, length, steps }: SideOptions, peakBytes: () => number): Promise<SideReport> {
  const config = shapes[model]
  const layout = layoutOfSettings(config, { rank: 8, alpha: 16, rsLora: false, targetModules: ['q_proj', 'v_proj'], dropout: 0 })
  const stepper = new Stepper(placeSyntheticModel(config, executor, 'q4_1'), {
    layout, a: new Float32Array(layout.sizeA).fill(0.01), b: new Float32Array(layout.sizeB).fill(0.01),
  })
  const random = new Random(5)
  const ids = Array.from({ length: rows }, () => Array.from({ length }, () => random.below(config.vocabularySize)))
  const batch = layOut(ids.map((row) => [{ ids: row, labels: row }]), length)
  const times: number[] = []
  const losses: number[] = []
  for (let step = 0; step <= steps; step++) {
    const start = performance.now()
    const { loss } = await stepper.run([batch], { learningRate: 1e-3, loraPlusRatio: 1, weightDecay: 0, clip: 1, seed: 0 })
    times.push(performance.now() - start)
    losses.push(loss)
  }
  const flops = stepper.flops([batch])
  const peak = peakBytes()
  stepper.dispose()
  executor.dispose()
  const milliseconds = median(times.slice(1))
  const perSecond = 1000 / milliseconds
  return {
    device: executor.device, tokens: rows * length, milliseconds, tokensPerSecond: rows * length * perSecond,
    flopsPerSecond: flops * perSecond, loss: losses[0], peakBytes: peak,
  }
}
