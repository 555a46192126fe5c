import { init, numpy as np } from '@jax-js/jax'
import type { Gpu } from '../../workers/engine/backend/device.ts'
import { measurePeaks } from '../../workers/engine/backend/peaks.ts'
import type { Peaks } from '../../workers/engine/backend/peaks.ts'
import { tf } from '../../workers/engine/backend/tfjs.ts'
import { TunedTiles } from '../../workers/engine/backend/tuning/tunedTiles.ts'
import { timeTile } from '../../workers/engine/backend/tuning/tune.ts'
import { layoutOfSettings } from '../../workers/engine/lora/layout.ts'
import { WebGpuExecutor } from '../../workers/engine/plan/execute/webgpu.ts'
import { planTraining } from '../../workers/engine/plan/training.ts'
import type { KernelTime } from '../../workers/engine/plan/execute/webgpu/profile.ts'
import type { MatmulShape } from '../../workers/engine/ops/wgsl/tile.ts'
import type { Work } from './countWork.ts'
import { shapes } from './shapes.ts'
import type { ShapeName } from './shapes.ts'
import { openStockExecutor } from './stockExecutor.ts'
import { placeSyntheticModel } from './syntheticModel.ts'

/** One product, ours beside stock tfjs and jax-js (f32 only, which is what they have). */
export interface ProductTimes extends MatmulShape {
  milliseconds: number
  flopsPerSecond: number
  tfjsMilliseconds: number | null
  jaxMilliseconds: number | null
}

/** One kernel over a whole training step. */
export interface KernelShare {
  name: string
  dispatches: number
  milliseconds: number
  flopsPerSecond: number
  bytesPerSecond: number
}

export interface KernelsReport {
  device: string
  peaks: Peaks
  products: ProductTimes[]
  step: { model: ShapeName; tokens: number; kernels: KernelShare[] }
}

export interface KernelsOptions {
  model: ShapeName
  rows: number
  length: number
  /** Milliseconds for a search of tiles first; 0: defaults. */
  tuneMilliseconds: number
}

/** Products at a model's shapes in three libraries, and where a step's time goes. */
export async function benchKernels(gpu: Gpu, _work: Work, { model, rows, length, tuneMilliseconds }: KernelsOptions): Promise<KernelsReport> {
  const peaks = await measurePeaks(gpu)
  const { hiddenSize, intermediateSize } = shapes[model]
  const tokens = rows * length
  const shape = (columns: number, depth: number, kind: string): MatmulShape => ({ rows: tokens, columns, depth, kind })
  const products = [
    ...['f32', 'f16', 'q8_0', 'q4_1', 'nf4'].map((format) => shape(intermediateSize, hiddenSize, `depth-depth ${format}`)),
    ...['f32', 'q4_1'].map((format) => shape(hiddenSize, intermediateSize, `depth-side ${format}`)),
  ].filter(({ kind, depth, columns }) => kind.endsWith('f32') || (depth % 32 === 0 && columns % 32 === 0))
  const tiles = new TunedTiles(gpu)
  if (tuneMilliseconds) await tiles.tune(products, { budget: tuneMilliseconds })
  await openStockExecutor(gpu)
  const jax = (await init('webgpu')).includes('webgpu')
  const times: ProductTimes[] = []
  for (const product of products) {
    const milliseconds = await timeTile(gpu, product, tiles.tile(product))
    const plain = product.kind.endsWith('f32')
    times.push({
      ...product, milliseconds, flopsPerSecond: (2e3 * product.rows * product.columns * product.depth) / milliseconds,
      tfjsMilliseconds: plain ? await timeTfjs(product) : null,
      jaxMilliseconds: plain && jax ? await timeJax(product) : null,
    })
  }
  return { device: gpu.name, peaks, products: times, step: { model, tokens, kernels: await stepKernels(gpu, tiles, model, rows, length) } }
}

async function timeTfjs({ rows, columns, depth, kind }: MatmulShape): Promise<number> {
  const transposed = kind.startsWith('depth-depth')
  const x = tf.ones([rows, depth])
  const w = tf.ones(transposed ? [columns, depth] : [depth, columns])
  const time = await fastest(async () => {
    const y = tf.matMul(x, w, false, transposed)
    // tfjs batches its dispatches: reading one number back is what makes it finish.
    await tf.tidy(() => tf.slice(y, [0, 0], [1, 1])).data()
    y.dispose()
  })
  tf.dispose([x, w])
  return time
}

async function timeJax({ rows, columns, depth, kind }: MatmulShape): Promise<number> {
  const options = { device: 'webgpu' as const }
  const x = np.ones([rows, depth], options)
  const w = np.ones(kind.startsWith('depth-depth') ? [columns, depth] : [depth, columns], options)
  const time = await fastest(async () => {
    const right = kind.startsWith('depth-depth') ? np.transpose(w.ref) : w.ref
    const y = np.matmul(x.ref, right)
    await y.blockUntilReady()
    y.dispose()
  })
  x.dispose()
  w.dispose()
  return time
}

async function fastest(run: () => Promise<void>): Promise<number> {
  let best = Infinity
  for (let turn = 0; turn < 3; turn++) {
    const start = performance.now()
    await run()
    if (turn) best = Math.min(best, performance.now() - start)
  }
  return best
}

/** A training step's kernels, measured with timestamps. */
async function stepKernels(gpu: Gpu, { tile }: TunedTiles, model: ShapeName, rows: number, length: number): Promise<KernelShare[]> {
  const config = shapes[model]
  const executor = new WebGpuExecutor({ gpu, tile })
  const { formats } = placeSyntheticModel(config, executor, 'q4_1')
  const layout = layoutOfSettings(config, { rank: 8, alpha: 16, rsLora: false, targetModules: 'all-linear', dropout: 0 })
  const adapter = { id: 'bench', layout, dropout: 0 }
  const plan = await executor.load(planTraining({ config, adapter, formats, batch: { rows, length, targets: rows * length }, gradientCheckpointing: false }))
  await plan.run()
  const kernels = gpu.capabilities.timestamps ? summary(await plan.profile()) : []
  plan.dispose()
  executor.dispose()
  return kernels
}

function summary(times: readonly KernelTime[]): KernelShare[] {
  const byName = new Map<string, KernelTime & { dispatches: number }>()
  for (const time of times) {
    const sum = byName.get(time.name) ?? { ...time, milliseconds: 0, flops: 0, bytes: 0, dispatches: 0 }
    byName.set(time.name, {
      ...sum, dispatches: sum.dispatches + 1, milliseconds: sum.milliseconds + time.milliseconds, flops: sum.flops + time.flops, bytes: sum.bytes + time.bytes,
    })
  }
  return [...byName.values()].sort((a, b) => b.milliseconds - a.milliseconds).map(({ name, dispatches, milliseconds, flops, bytes }) => ({
    name, dispatches, milliseconds, flopsPerSecond: (1e3 * flops) / milliseconds, bytesPerSecond: (1e3 * bytes) / milliseconds,
  }))
}
