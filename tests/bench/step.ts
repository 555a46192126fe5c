import type { Gpu } from '../../workers/engine/backend/device.ts'
import { layoutOfSettings } from '../../workers/engine/lora/layout.ts'
import type { Adapter } from '../../workers/engine/lora/adapter.ts'
import type { Executor } from '../../workers/engine/plan/execute/executor.ts'
import { WebGpuExecutor } from '../../workers/engine/plan/execute/webgpu.ts'
import { Random } from '../../src/data/random.ts'
import { layOut } from '../../workers/engine/training/batch.ts'
import { Stepper } from '../../workers/engine/training/stepper.ts'
import type { Work } from './countWork.ts'
import { shapes } from './shapes.ts'
import type { ShapeName } from './shapes.ts'
import { median } from './median.ts'
import { openStockExecutor } from './stockExecutor.ts'
import { placeSyntheticModel } from './syntheticModel.ts'

export interface StepBenchOptions {
  model: ShapeName
  rows: number
  length: number
  /** Steps that are timed, after one that is not; stock tfjs does `stockSteps` of them at most. */
  steps: number
}

/** Stock steps take seconds: so many say what there is to say. */
const stockSteps = 10

/** What is held after a number of our steps. */
export interface HeldMemory {
  step: number
  /** Bytes of GPU buffers that were asked for and not given back, both sides. */
  gpuBytes: number
  /** Bytes of the JS heap, after a collection where the host lets us ask for one. */
  heapBytes: number
}

/** One side of the comparison. */
export interface StepTimes {
  /** The first step, shaders being compiled. */
  firstMilliseconds: number
  /** Median of the timed steps. */
  milliseconds: number
  dispatches: number
  submits: number
  bytesBound: number
  losses: number[]
}

export interface StepReport extends StepBenchOptions {
  device: string
  ours: StepTimes
  stock: StepTimes
  /** Stock's time over ours. */
  ratio: number
  /** Largest relative difference of losses. */
  lossDifference: number
  /** After steps 1, 10, 100, …, and the last. */
  held: HeldMemory[]
}

/**
 * LoRA steps (rank 8, all linear layers) of one model, ours and stock tfjs in
 * turns on the same device, so that whatever else the machine does hits both.
 */
export async function benchStep(gpu: Gpu, work: Work, options: StepBenchOptions): Promise<StepReport> {
  const ours = new Side(new WebGpuExecutor({ gpu }), options)
  const stock = new Side(await openStockExecutor(gpu), options)
  const held: HeldMemory[] = []
  for (let step = 0; step <= options.steps; step++) {
    await ours.step(work)
    if (step <= stockSteps) await stock.step(work)
    if (step && (Number.isInteger(Math.log10(step)) || step === options.steps)) held.push({ step, gpuBytes: gpu.memory.now, heapBytes: heapBytes() })
  }
  const [a, b] = [ours.result(), stock.result()]
  ours.dispose()
  stock.dispose()
  return {
    ...options, device: gpu.name, ours: a, stock: b, ratio: b.milliseconds / a.milliseconds,
    lossDifference: Math.max(...b.losses.map((loss, i) => Math.abs(a.losses[i] / loss - 1))),
    held,
  }
}

class Side {
  private readonly executor: Executor
  private readonly stepper: Stepper
  private readonly options: StepBenchOptions
  private readonly times: number[] = []
  private readonly losses: number[] = []
  private before: Work | undefined
  private counted: Work | undefined

  constructor(executor: Executor, options: StepBenchOptions) {
    this.executor = executor
    this.options = options
    const model = placeSyntheticModel(shapes[options.model], executor, 'f32')
    this.stepper = new Stepper(model, freshAdapter(options.model))
  }

  async step(work: Work): Promise<void> {
    const { model, rows, length } = this.options
    const random = new Random(this.times.length)
    const ids = Array.from({ length: rows }, () => Array.from({ length }, () => random.below(shapes[model].vocabularySize)))
    const batch = layOut(ids.map((row) => [{ ids: row, labels: row }]), length)
    this.before = { ...work }
    const start = performance.now()
    const { loss } = await this.stepper.run([batch], { learningRate: 1e-3, loraPlusRatio: 1, weightDecay: 0, clip: 1, seed: 0 })
    this.times.push(performance.now() - start)
    this.losses.push(loss)
    this.counted = {
      dispatches: work.dispatches - this.before.dispatches, submits: work.submits - this.before.submits,
      bytesBound: work.bytesBound - this.before.bytesBound, pipelines: work.pipelines - this.before.pipelines,
    }
  }

  result(): StepTimes {
    const [first, ...rest] = this.times
    return {
      firstMilliseconds: first, milliseconds: median(rest), losses: this.losses,
      dispatches: this.counted!.dispatches, submits: this.counted!.submits, bytesBound: this.counted!.bytesBound,
    }
  }

  dispose(): void {
    this.stepper.dispose()
    this.executor.dispose()
  }
}

/** Small random A and B, so that every gradient has something to say. */
function freshAdapter(model: ShapeName): Adapter {
  const layout = layoutOfSettings(shapes[model], { rank: 8, alpha: 16, rsLora: false, targetModules: 'all-linear', dropout: 0 })
  const random = new Random(3)
  const fill = (size: number) => Float32Array.from({ length: size }, () => (random.uniform() - 0.5) * 0.1)
  return { layout, a: fill(layout.sizeA), b: fill(layout.sizeB) }
}

/** Bytes of JS heap in use; collected first where the host was started so that it can be. */
function heapBytes(): number {
  const host = globalThis as { gc?: () => void; process?: { memoryUsage(): { heapUsed: number } } }
  host.gc?.()
  return host.process?.memoryUsage?.().heapUsed ?? (performance as { memory?: { usedJSHeapSize: number } }).memory?.usedJSHeapSize ?? 0
}
