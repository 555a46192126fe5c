import { init, numpy as np } from '@jax-js/jax'
import type { Gpu } from '../../workers/engine/backend/device.ts'
import { measurePeaks } from '../../workers/engine/backend/peaks.ts'
import type { Peaks } from '../../workers/engine/backend/peaks.ts'
import { tf } from '../../workers/engine/backend/tfjs.ts'
import { TunedTiles } from '../../workers/engine/backend/tuning/tunedTiles.ts'
import { timeTile } from '../../workers/engine/backend/tuning/tune.ts'
import type { MatmulShape } from '../../workers/engine/ops/wgsl/tile.ts'
import { unpack } from '../../workers/engine/weights/formats/index.ts'
import { blockLayout } from '../../workers/engine/weights/packedTensor.ts'
import type { PackedTensor } from '../../workers/engine/weights/packedTensor.ts'
import type { Work } from './countWork.ts'
import { benchProfile } from './profile.ts'
import type { ProfileReport } from './profile.ts'
import { shapes } from './shapes.ts'
import type { ShapeName } from './shapes.ts'
import { openStockExecutor } from './stockExecutor.ts'
import { syntheticFormats, syntheticTensor } from './syntheticModel.ts'
import type { SyntheticFormat } from './syntheticModel.ts'

/**
 * One product, ours beside stock tfjs and jax-js. They have dense float32 only:
 * a packed weight is unpacked and uploaded for them each time, as an executor
 * must that keeps weights packed.
 */
export interface ProductTimes extends MatmulShape {
  /** With the tile in use. */
  milliseconds: number
  flopsPerSecond: number
  /** Weights unpacked inside the loop, and once to scratch before a dense product; null for dense weights. */
  insideMilliseconds: number
  onceMilliseconds: number | null
  tfjsMilliseconds: number
  jaxMilliseconds: number | null
}

export interface KernelsReport {
  device: string
  peaks: Peaks
  products: ProductTimes[]
  step: ProfileReport
}

export interface KernelsOptions {
  model: ShapeName
  rows: number
  length: number
  /** Milliseconds for a search of tiles first; 0: defaults. */
  tuneMilliseconds: number
}

/** Products at a model's shapes in three libraries, and where a step's time goes. */
export async function benchKernels(gpu: Gpu, work: Work, { model, rows, length, tuneMilliseconds }: KernelsOptions): Promise<KernelsReport> {
  const peaks = await measurePeaks(gpu)
  const { hiddenSize, intermediateSize } = shapes[model]
  const tokens = rows * length
  const products = (['depth-depth', 'depth-side'] as const).flatMap((kind) => syntheticFormats.flatMap((format) => {
    const fits = (columns: number, depth: number) => (kind === 'depth-depth' ? depth : columns) % blockSize(format) === 0
    // The widening product of a feed-forward layer, or the one back where a row of it is not made of whole blocks.
    const sides = [[intermediateSize, hiddenSize], [hiddenSize, intermediateSize]].find(([columns, depth]) => fits(columns, depth))
    return sides ? [{ rows: tokens, columns: sides[0], depth: sides[1], kind: `${kind} ${format}` }] : []
  }))
  const tiles = new TunedTiles(gpu)
  if (tuneMilliseconds) await tiles.tune(products, { budget: tuneMilliseconds })
  await openStockExecutor(gpu)
  const jax = (await init('webgpu')).includes('webgpu')
  const times: ProductTimes[] = []
  for (const product of products) {
    const tile = tiles.tile(product)
    const dense = / f(32|16)$/.test(product.kind)
    const insideMilliseconds = await timeTile(gpu, product, { ...tile, unpack: false })
    const onceMilliseconds = dense ? null : await timeTile(gpu, product, { ...tile, unpack: true })
    const milliseconds = tile.unpack && onceMilliseconds !== null ? onceMilliseconds : insideMilliseconds
    const weight = syntheticTensor(product.kind.split(' ')[1] as SyntheticFormat, sidesOf(product))
    times.push({
      ...product, milliseconds, insideMilliseconds, onceMilliseconds,
      flopsPerSecond: (2e3 * product.rows * product.columns * product.depth) / milliseconds,
      tfjsMilliseconds: await timeTfjs(product, weight),
      jaxMilliseconds: jax ? await timeJax(product, weight) : null,
    })
  }
  const step = await benchProfile(gpu, work, {
    model, layers: 0, rows, length, rank: 8, format: 'q4_1', gradientCheckpointing: false, steps: 2, tuneMilliseconds: 0, half: false,
  })
  return { device: gpu.name, peaks, products: times, step }
}

/** Weights that a format packs together. */
const blockSize = (format: SyntheticFormat): number => (format in blockLayout ? blockLayout[format as keyof typeof blockLayout].values : 1)

const isPlain = ({ kind }: MatmulShape) => kind.endsWith(' f32')

/** Shape of the right operand as it lies in memory. */
const sidesOf = ({ columns, depth, kind }: MatmulShape): [number, number] => (kind.startsWith('depth-depth') ? [columns, depth] : [depth, columns])

async function timeTfjs(product: MatmulShape, weight: PackedTensor): Promise<number> {
  const x = tf.ones([product.rows, product.depth])
  const upload = () => tf.tensor2d(unpack(weight), sidesOf(product))
  const kept = isPlain(product) ? upload() : null
  const time = await fastest(async () => {
    const w = kept ?? upload()
    const y = tf.matMul(x, w, false, product.kind.startsWith('depth-depth'))
    // tfjs batches its dispatches: reading one number back is what makes it finish.
    await tf.tidy(() => tf.slice(y, [0, 0], [1, 1])).data()
    y.dispose()
    if (!kept) w.dispose()
  })
  x.dispose()
  kept?.dispose()
  return time
}

async function timeJax(product: MatmulShape, weight: PackedTensor): Promise<number> {
  const options = { device: 'webgpu' as const }
  const x = np.ones([product.rows, product.depth], options)
  const upload = () => np.array(unpack(weight), { shape: sidesOf(product), ...options })
  const kept = isPlain(product) ? upload() : null
  const time = await fastest(async () => {
    const w = kept ? kept.ref : upload()
    const y = np.matmul(x.ref, product.kind.startsWith('depth-depth') ? np.transpose(w) : w)
    await y.blockUntilReady()
    y.dispose()
  })
  x.dispose()
  kept?.dispose()
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
