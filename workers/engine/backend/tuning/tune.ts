import type { Binding, BufferRef, Dispatch } from '../../ops/kernel.ts'
import { matmul } from '../../ops/wgsl/matmul.ts'
import type { MatmulShape, MatmulTile } from '../../ops/wgsl/matmul.ts'
import { deviceFormats } from '../../ops/wgsl/formats/index.ts'
import { floatOperand } from '../../ops/wgsl/operand.ts'
import { Sizes } from '../../ops/wgsl/sizes.ts'
import { weightOperand } from '../../ops/wgsl/weightOperand.ts'
import { PipelineCache } from '../../plan/execute/webgpu/pipelines.ts'
import { weightFormats } from '../../weights/packedTensor.ts'
import type { WeightFormat } from '../../weights/packedTensor.ts'
import type { Gpu } from '../device.ts'
import { candidateTiles } from './candidates.ts'
import { tuningKey } from './tuning.ts'
import type { TuningResults } from './tuning.ts'

export interface TuneOptions {
  /** Ends early with what was found so far. */
  signal?: AbortSignal
  /** Milliseconds to spend at most; shapes not reached keep the default. */
  budget?: number
  onShape?: (shape: MatmulShape, tile: MatmulTile, milliseconds: number) => void
}

/** Measures candidate tiles for each kind of product on this device, the most work first. */
export async function tune(gpu: Gpu, shapes: readonly MatmulShape[], { signal, budget = 5000, onShape }: TuneOptions = {}): Promise<TuningResults> {
  const work = ({ rows, columns, depth }: MatmulShape) => rows * columns * depth
  const distinct = new Map(shapes.map((shape) => [tuningKey(shape), shape]))
  const results: TuningResults = {}
  const end = performance.now() + budget
  for (const [key, shape] of [...distinct].sort(([, a], [, b]) => work(b) - work(a))) {
    let best: { tile: MatmulTile; milliseconds: number } | undefined
    for (const tile of candidateTiles(shape, gpu.capabilities, gpu.device.limits)) {
      if (signal?.aborted || performance.now() > end) return results
      const milliseconds = await timeTile(gpu, shape, tile)
      if (!best || milliseconds < best.milliseconds) best = { tile, milliseconds }
    }
    if (!best) continue
    results[key] = best.tile
    onShape?.(shape, best.tile, best.milliseconds)
  }
  return results
}

/** Milliseconds of one product of made-up numbers, the fastest of three. */
export async function timeTile(gpu: Gpu, shape: MatmulShape, tile: MatmulTile): Promise<number> {
  const { device } = gpu
  const constants = new Map<string, readonly number[]>()
  const dispatch = productOf(shape, tile, (values) => {
    const id = `constant:${constants.size}`
    constants.set(id, values)
    return { id, format: 'f32' }
  })
  const buffers: GPUBuffer[] = []
  try {
    const { pipeline, layout } = await PipelineCache.of(device).get(dispatch)
    const entries = dispatch.bindings.map((binding, index) => {
      const values = constants.get(binding.buffer.id)
      const size = values ? 4 * values.length : bytesOf(shape, binding)
      const buffer = device.createBuffer({ size, usage: (values ? GPUBufferUsage.UNIFORM : GPUBufferUsage.STORAGE) | GPUBufferUsage.COPY_DST })
      if (values) device.queue.writeBuffer(buffer, 0, Uint32Array.from(values))
      buffers.push(buffer)
      return { binding: index, resource: { buffer } }
    })
    const group = device.createBindGroup({ layout, entries })
    let best = Infinity
    for (let turn = 0; turn < 4; turn++) {
      const encoder = device.createCommandEncoder()
      const pass = encoder.beginComputePass()
      pass.setPipeline(pipeline)
      pass.setBindGroup(0, group)
      pass.dispatchWorkgroups(...dispatch.workgroups)
      pass.end()
      const start = performance.now()
      device.queue.submit([encoder.finish()])
      await device.queue.onSubmittedWorkDone()
      if (turn) best = Math.min(best, performance.now() - start)
    }
    return best
  } finally {
    for (const buffer of buffers) buffer.destroy()
  }
}

/** A product of this shape and kind, with nothing around it. */
export function productOf(shape: MatmulShape, tile: MatmulTile, constant: (values: readonly number[]) => BufferRef): Dispatch {
  const { rows, columns, depth, kind } = shape
  const [directions, format] = kind.split(' ')
  const [left, right] = directions.split('-') as ('depth' | 'side')[]
  const sizes = new Sizes()
  const weight: BufferRef = { id: 'right', format: weightFormats.find((name) => name === format) ?? 'f32' }
  const part = { first: 0, count: right === 'depth' ? columns : depth }
  return matmul({ tile: () => tile, constant }, {
    name: 'product', rows, columns, sizes,
    products: [{
      left: floatOperand({ name: 'left', buffer: { id: 'left', format: 'f32' }, columns: left === 'depth' ? depth : rows, along: left, size: sizes.of }),
      right: weightOperand('right', weight, part, right === 'depth' ? depth : columns, right, sizes.of),
      depth,
    }],
    target: { name: 'out', buffer: { id: 'out', format: 'f32' } },
    value: 'acc',
  })
}

function bytesOf({ rows, columns, depth, kind }: MatmulShape, { name }: Binding): number {
  if (name === 'left') return 4 * rows * depth
  if (name === 'out') return 4 * rows * columns
  const [directions, format] = kind.split(' ')
  const [count, width] = directions.endsWith('-depth') ? [columns, depth] : [depth, columns]
  return 4 * deviceFormats[format as WeightFormat].words(count, width)
}
