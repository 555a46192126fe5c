import type { Gpu } from '../../backend/device.ts'
import { defaultTile } from '../../backend/tuning/defaultTile.ts'
import type { MatmulShape, MatmulTile } from '../../ops/wgsl/tile.ts'
import type { PackedTensor, TensorRows } from '../../weights/packedTensor.ts'
import { residentRoles } from '../plan.ts'
import type { BufferSpec, Plan } from '../plan.ts'
import type { Executor } from './executor.ts'
import { DeviceLostError } from './executor.ts'
import { PipelineCache } from './webgpu/pipelines.ts'
import { BufferPool } from './webgpu/pool.ts'
import { readBack } from './webgpu/readBack.ts'
import { recordPlan } from './webgpu/record.ts'
import type { Recording } from './webgpu/record.ts'
import { RecordedPlan } from './webgpu/recordedPlan.ts'
import { GpuResident } from './webgpu/resident.ts'

export interface WebGpuExecutorOptions {
  gpu: Gpu
  /** The tile for each product; a reasonable one when nothing was tuned. */
  tile?: (shape: MatmulShape) => MatmulTile
  /** Finds tiles for these products before a plan is recorded. */
  prepare?: (shapes: readonly MatmulShape[]) => Promise<void>
  /**
   * Plans that train may round the operands of products to 16-bit floats where
   * the device has them (sums stay float32). Scores are never rounded.
   */
  half?: boolean
  /** Bytes that may be taken. WebGPU does not tell how much memory there is: endless when not given. */
  budget?: number
}

/** Replays plans as recorded dispatches of our own kernels; weights stay packed. */
export class WebGpuExecutor implements Executor {
  readonly backend = 'webgpu'
  readonly device: string
  readonly budget: number
  readonly unpacked = false
  readonly gpu: Gpu
  readonly pipelines: PipelineCache
  private readonly resident: GpuResident
  private readonly pool: BufferPool
  private readonly tile: (shape: MatmulShape) => MatmulTile
  private readonly prepare: WebGpuExecutorOptions['prepare']
  private readonly half: boolean
  private readonly plans = new Set<RecordedPlan>()
  private lost: string | null = null

  constructor({ gpu, tile, prepare, half = false, budget = Number.POSITIVE_INFINITY }: WebGpuExecutorOptions) {
    this.gpu = gpu
    this.device = gpu.name
    this.tile = tile ?? ((shape) => defaultTile(shape, gpu.capabilities))
    this.prepare = prepare
    this.half = half
    this.budget = budget
    this.pipelines = PipelineCache.of(gpu.device)
    this.resident = new GpuResident(gpu.device)
    this.pool = new BufferPool(gpu.device)
    void gpu.device.lost.then(({ message }) => { this.lost = message })
  }

  expectWeights(): void {
    // Weights stay packed whatever their number.
  }

  placeWeight(name: string, tensor: PackedTensor | TensorRows): void {
    this.expectDevice()
    this.resident.placeWeight(name, tensor)
  }

  allocate(specs: Iterable<BufferSpec>): void {
    this.expectDevice()
    for (const spec of specs) if (residentRoles.has(spec.role)) this.resident.allocate(spec)
  }

  write(name: string, data: Float32Array | Int32Array): void {
    const { buffer, offset } = this.resident.get(name).parts[0]
    this.gpu.device.queue.writeBuffer(buffer, offset, data as Float32Array<ArrayBuffer>)
  }

  clear(name: string): void {
    const encoder = this.gpu.device.createCommandEncoder()
    for (const { buffer, offset, bytes } of this.resident.get(name).parts) encoder.clearBuffer(buffer, offset, bytes)
    this.gpu.device.queue.submit([encoder.finish()])
  }

  async read(name: string): Promise<Float32Array> {
    this.expectDevice()
    const { buffer, offset, bytes } = this.resident.get(name).parts[0]
    return readBack(this.gpu.device, buffer, offset, bytes)
  }

  release(prefix: string): void {
    this.resident.release(prefix)
  }

  async load(plan: Plan): Promise<RecordedPlan> {
    this.expectDevice()
    for (const spec of plan.buffers.values()) {
      if (spec.role === 'weight' || spec.role === 'constant') this.resident.get(spec.name)
      else if (residentRoles.has(spec.role)) this.resident.allocate(spec)
    }
    const { gpu, resident, pool, pipelines } = this
    await this.prepare?.(this.products(plan))
    const recording = this.record(plan, this.tile)
    const loaded = await RecordedPlan.create({ gpu, plan, recording, resident, pool, pipelines })
    this.plans.add(loaded)
    return loaded
  }

  /** Every product that a plan computes, for tuning before it is loaded. */
  products(plan: Plan): MatmulShape[] {
    const shapes: MatmulShape[] = []
    this.record(plan, (shape) => {
      shapes.push(shape)
      return this.tile(shape)
    })
    return shapes
  }

  private record(plan: Plan, tile: (shape: MatmulShape) => MatmulTile): Recording {
    const half = this.half && trains(plan)
    const { maxStorageBufferBindingSize } = this.gpu.device.limits
    return recordPlan(plan, {
      capabilities: this.gpu.capabilities,
      weight: (name) => this.resident.get(name),
      tile: (shape) => {
        const chosen = tile(half ? { ...shape, half } : shape)
        // A tile may come from a smaller product of its kind: what cannot be bound unpacked stays packed.
        return chosen.unpack && 4 * shape.columns * shape.depth > maxStorageBufferBindingSize ? { ...chosen, unpack: false } : chosen
      },
    })
  }

  bytes(): number {
    return this.resident.bytes() + this.pool.bytes() + [...this.plans].reduce((sum, plan) => sum + plan.bytes(), 0)
  }

  dispose(): void {
    for (const plan of this.plans) plan.dispose()
    this.plans.clear()
    this.resident.release('')
  }

  private expectDevice(): void {
    if (this.lost !== null) throw new DeviceLostError(`The GPU was lost: ${this.lost}`)
  }
}

function trains({ buffers }: Plan): boolean {
  return [...buffers.values()].some(({ role }) => role === 'gradient')
}
