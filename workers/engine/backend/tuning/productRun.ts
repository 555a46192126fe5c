import type { Binding, BufferRef, Dispatch } from '../../ops/kernel.ts'
import { deviceFormats } from '../../ops/wgsl/formats/index.ts'
import { matmul } from '../../ops/wgsl/matmul.ts'
import { floatOperand } from '../../ops/wgsl/operand.ts'
import { Sizes } from '../../ops/wgsl/sizes.ts'
import type { MatmulShape, MatmulTile } from '../../ops/wgsl/tile.ts'
import { weightOperand } from '../../ops/wgsl/weightOperand.ts'
import { PipelineCache } from '../../plan/execute/webgpu/pipelines.ts'
import { readBack } from '../../plan/execute/webgpu/readBack.ts'
import { weightFormats } from '../../weights/packedTensor.ts'
import type { Gpu } from '../device.ts'

interface Ready {
  pipeline: GPUComputePipeline
  group: GPUBindGroup
  workgroups: Dispatch['workgroups']
}

/** Changes a kernel before it is compiled: tests put plain WGSL in the place of matrix units. */
export type Rewrite = (dispatch: Dispatch) => Dispatch

/** One product by one tile, with buffers of its own: for measuring and checking. */
export class ProductRun {
  private readonly device: GPUDevice
  private readonly buffers: ReadonlyMap<string, GPUBuffer>
  private readonly dispatches: readonly Ready[]

  private constructor(device: GPUDevice, buffers: ReadonlyMap<string, GPUBuffer>, dispatches: readonly Ready[]) {
    this.device = device
    this.buffers = buffers
    this.dispatches = dispatches
  }

  /** @throws {ShaderError} where the device refuses the kernel. */
  static async open({ device }: Pick<Gpu, 'device'>, shape: MatmulShape, tile: MatmulTile, rewrite: Rewrite = (dispatch) => dispatch): Promise<ProductRun> {
    const product = productOf(shape, tile)
    const { words } = product
    const dispatches = product.dispatches.map(rewrite)
    const buffers = new Map<string, GPUBuffer>()
    const bufferOf = ({ buffer: { id } }: Binding): GPUBuffer => {
      const values = words.get(id)!
      const known = buffers.get(id) ?? device.createBuffer({
        size: 4 * (typeof values === 'number' ? values : values.length),
        usage: (typeof values === 'number' ? GPUBufferUsage.STORAGE : GPUBufferUsage.UNIFORM) | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
      })
      if (!buffers.has(id) && typeof values !== 'number') device.queue.writeBuffer(known, 0, Uint32Array.from(values))
      buffers.set(id, known)
      return known
    }
    const run = new ProductRun(device, buffers, [])
    try {
      const ready: Ready[] = []
      for (const dispatch of dispatches) {
        const { pipeline, layout } = await PipelineCache.of(device).get(dispatch)
        const entries = dispatch.bindings.map((item, binding) => ({ binding, resource: { buffer: bufferOf(item) } }))
        ready.push({ pipeline, group: device.createBindGroup({ layout, entries }), workgroups: dispatch.workgroups })
      }
      return new ProductRun(device, buffers, ready)
    } catch (error) {
      run.close()
      throw error
    }
  }

  write(name: 'left' | 'right', data: Float32Array<ArrayBuffer>): void {
    this.device.queue.writeBuffer(this.buffers.get(name)!, 0, data)
  }

  read(): Promise<Float32Array> {
    const out = this.buffers.get('out')!
    return readBack(this.device, out, 0, out.size)
  }

  /** @returns milliseconds of one product, of `times` submitted together. */
  async run(times = 1): Promise<number> {
    const encoder = this.device.createCommandEncoder()
    const pass = encoder.beginComputePass()
    for (let turn = 0; turn < times; turn++) {
      for (const { pipeline, group, workgroups } of this.dispatches) {
        pass.setPipeline(pipeline)
        pass.setBindGroup(0, group)
        pass.dispatchWorkgroups(...workgroups)
      }
    }
    pass.end()
    const start = performance.now()
    this.device.queue.submit([encoder.finish()])
    await this.device.queue.onSubmittedWorkDone()
    return (performance.now() - start) / times
  }

  close(): void {
    for (const buffer of this.buffers.values()) buffer.destroy()
  }
}

/** A product of this shape and kind with nothing around it; `words` are its buffers' sizes in 32-bit words, or constants. */
export function productOf(shape: MatmulShape, tile: MatmulTile): { dispatches: Dispatch[]; words: Map<string, number | readonly number[]> } {
  const { rows, columns, depth, kind } = shape
  const [directions, format] = kind.split(' ')
  const [left, right] = directions.split('-') as ('depth' | 'side')[]
  const weight: BufferRef = { id: 'right', format: weightFormats.find((name) => name === format) ?? 'f32' }
  const [count, width] = right === 'depth' ? [columns, depth] : [depth, columns]
  const words = new Map<string, number | readonly number[]>([
    ['left', rows * depth], ['right', deviceFormats[weight.format].words(count, width)], ['out', rows * columns],
  ])
  const sizes = new Sizes()
  const dispatches = matmul({
    tile: () => tile,
    constant: (values) => {
      const id = `constant:${words.size}`
      words.set(id, values)
      return { id, format: 'f32' }
    },
    scratch: (id, elements) => {
      words.set(id, Math.ceil(elements))
      return { id, format: 'f32' }
    },
  }, {
    name: 'product', rows, columns, sizes,
    products: [{
      left: floatOperand({ name: 'left', buffer: { id: 'left', format: 'f32' }, columns: left === 'depth' ? depth : rows, along: left, size: sizes.of }),
      right: weightOperand('right', weight, { first: 0, count }, width, right, sizes.of),
      depth,
    }],
    target: { name: 'out', buffer: { id: 'out', format: 'f32' } },
    value: 'acc',
  })
  return { dispatches, words }
}
