/** One training step of a model, recorded on a GPU: profiles time it, tuning searches its products. */
import type { DeviceCommand, Progress, StepProfile } from '../protocol.ts'
import type { Gpu } from '../engine/backend/device.ts'
import { TunedTiles } from '../engine/backend/tuning/tunedTiles.ts'
import { layoutOfSettings } from '../engine/lora/layout.ts'
import { loraSettingsSchema } from '../engine/lora/settings.ts'
import { loadModel } from '../engine/model/loadModel.ts'
import { productInWords } from '../engine/ops/wgsl/tile.ts'
import type { Plan } from '../engine/plan/plan.ts'
import { planTraining } from '../engine/plan/training.ts'
import { WebGpuExecutor } from '../engine/plan/execute/webgpu.ts'
import { byKernel } from '../engine/plan/execute/webgpu/profile.ts'
import { Pace } from '../engine/progress.ts'
import { openModel } from '../engine/weights/openModel.ts'
import { tuningStore } from '../tuningStore.ts'

type Described = Extract<DeviceCommand, { type: 'profile' | 'tune' }>

export interface StepOptions {
  signal: AbortSignal
  onLoading: (file: string, progress: Progress) => void
}

/** The step's plan on an executor that holds the model; all linear layers get an adapter. */
async function openStep(gpu: Gpu, tiles: TunedTiles, { model, rows, length, rank }: Described, { signal, onLoading }: StepOptions): Promise<{ executor: WebGpuExecutor; plan: Plan }> {
  let pace: Pace | undefined
  const progress = (file: string) => (done: number, total: number) => onLoading(file, (pace ??= new Pace('bytes', total)).at(done))
  const open = await openModel(model, { signal, onDownload: (file, done, total) => progress(file)(done, total) })
  pace = undefined
  const executor = new WebGpuExecutor({ gpu, half: true, tile: tiles.tile, prepare: (shapes) => tiles.load(shapes) })
  const loaded = await loadModel(open, executor, { signal, onBytes: progress(open.id) })
  const { config, formats } = loaded
  const layout = layoutOfSettings(config, loraSettingsSchema.parse({ rank, alpha: 2 * rank, targetModules: 'all-linear' }))
  const tokens = Math.min(length, config.contextLength)
  const plan = planTraining({
    config, formats, adapter: { id: 'profile', layout, dropout: 0 }, batch: { rows, length: tokens, targets: rows * tokens }, gradientCheckpointing: false,
  })
  return { executor, plan }
}

/** @throws {ProfileUnavailableError} without timestamp queries; what loading a model throws. */
export async function profileStep(gpu: Gpu, command: Described, options: StepOptions): Promise<StepProfile> {
  const { executor, plan } = await openStep(gpu, new TunedTiles(gpu, tuningStore), command, options)
  try {
    const step = await executor.load(plan)
    // Shaders are compiled and memory is touched before anything is timed.
    await step.run()
    await gpu.device.queue.onSubmittedWorkDone()
    const times = await step.profile()
    const { model, rows, length, rank } = command
    return {
      model: model.id, rows, length, rank, dispatches: times.length, memory: gpu.memory.now,
      kernels: byKernel(times),
    }
  } finally {
    executor.dispose()
  }
}

/** Searches the tiles of a step's products anew and keeps them. @returns kinds of products. */
export async function tuneStep(gpu: Gpu, command: Described, options: StepOptions & { budget: number; onTuning: (progress: Progress, product: string) => void }): Promise<number> {
  const tiles = new TunedTiles(gpu, tuningStore)
  const { executor, plan } = await openStep(gpu, tiles, command, options)
  let kinds = 0
  try {
    await tiles.tune(executor.products(plan), {
      again: true, budget: options.budget, signal: options.signal,
      onTry: (progress, shape) => options.onTuning(progress, productInWords(shape)),
      onProgress: () => kinds++,
    })
  } finally {
    executor.dispose()
  }
  return kinds
}
