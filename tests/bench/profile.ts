import type { Gpu } from '../../workers/engine/backend/device.ts'
import { measurePeaks } from '../../workers/engine/backend/peaks.ts'
import type { Peaks } from '../../workers/engine/backend/peaks.ts'
import { TunedTiles } from '../../workers/engine/backend/tuning/tunedTiles.ts'
import { layoutOfSettings } from '../../workers/engine/lora/layout.ts'
import type { ModelConfig } from '../../workers/engine/model/config.ts'
import { WebGpuExecutor } from '../../workers/engine/plan/execute/webgpu.ts'
import { byKernel } from '../../workers/engine/plan/execute/webgpu/profile.ts'
import type { KernelSum } from '../../workers/engine/plan/execute/webgpu/profile.ts'
import { planTraining } from '../../workers/engine/plan/training.ts'
import type { Work } from './countWork.ts'
import { shapes } from './shapes.ts'
import type { ShapeName } from './shapes.ts'
import { median } from './median.ts'
import { placeSyntheticModel } from './syntheticModel.ts'
import type { SyntheticFormat } from './syntheticModel.ts'

export interface ProfileOptions {
  model: ShapeName
  /** Cuts the model to this many layers; 0: all. */
  layers: number
  rows: number
  length: number
  rank: number
  format: SyntheticFormat
  gradientCheckpointing: boolean
  /** Runs that are timed, after one that is not. */
  steps: number
  /** Milliseconds for a search of tiles first; 0: defaults. */
  tuneMilliseconds: number
  /** Operands may be rounded to 16-bit floats where the device has them. */
  half: boolean
}

/** Where a step's time goes, and what share of the device's measured peaks it reaches. */
export interface ProfileReport extends ProfileOptions {
  device: string
  peaks: Peaks
  /** Forward and backward pass of one micro-batch, from submission to end; median. */
  milliseconds: number
  flops: number
  /** Of the measured float32 peak. */
  share: number
  dispatches: number
  /** From timestamps, each dispatch in a pass of its own; empty where the device has none. */
  kernels: KernelSum[]
}

/** A training step by kernel, weights made up. */
export async function benchProfile(gpu: Gpu, _work: Work, options: ProfileOptions): Promise<ProfileReport> {
  const { model, layers, rows, length, rank, format, gradientCheckpointing, steps, tuneMilliseconds, half } = options
  const full: ModelConfig = shapes[model]
  const config = layers ? { ...full, layers, windows: full.windows.slice(0, layers) } : full
  const peaks = await measurePeaks(gpu)
  const tiles = new TunedTiles(gpu)
  const executor = new WebGpuExecutor({ gpu, half, tile: tiles.tile })
  const { formats } = placeSyntheticModel(config, executor, format)
  const layout = layoutOfSettings(config, { rank, alpha: 2 * rank, rsLora: false, targetModules: 'all-linear', dropout: 0 })
  const plan = planTraining({ config, adapter: { id: 'bench', layout, dropout: 0 }, formats, batch: { rows, length, targets: rows * length }, gradientCheckpointing })
  if (tuneMilliseconds) {
    executor.allocate(plan.buffers.values())
    await tiles.tune(executor.products(plan), { budget: tuneMilliseconds })
  }
  const step = await executor.load(plan)
  const times: number[] = []
  for (let turn = 0; turn <= steps; turn++) {
    const start = performance.now()
    await step.run()
    await gpu.device.queue.onSubmittedWorkDone()
    if (turn) times.push(performance.now() - start)
  }
  const kernels = gpu.capabilities.timestamps ? byKernel(await step.profile()) : []
  const flops = step.steps.reduce((sum, { dispatch }) => sum + dispatch.flops, 0)
  const milliseconds = median(times)
  step.dispose()
  executor.dispose()
  return { ...options, device: gpu.name, peaks, milliseconds, flops, share: (1e3 * flops) / milliseconds / peaks.flops, dispatches: step.steps.length, kernels }
}
