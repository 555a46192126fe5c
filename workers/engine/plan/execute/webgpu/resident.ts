import { deviceFormats, formatOnDevice, placeOnDevice } from '../../../ops/wgsl/formats/index.ts'
import type { WeightPart } from '../../../ops/wgsl/weightOperand.ts'
import { asRows } from '../../../weights/packedTensor.ts'
import type { PackedTensor, TensorRows, WeightFormat } from '../../../weights/packedTensor.ts'
import { PlanError } from '../../builder.ts'
import { sizeOf } from '../../plan.ts'
import type { BufferSpec } from '../../plan.ts'

const usage = () => GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST

/** A stretch of a GPU buffer, in bytes. */
export interface Stretch {
  buffer: GPUBuffer
  offset: number
  bytes: number
}

/** A resident buffer: one stretch, or for large weights one per part. */
export interface ResidentBuffer {
  format: WeightFormat
  parts: (WeightPart & Stretch)[]
  /** Whose memory it is; itself unless a view. */
  owner: string
}

/** Weights, adapters, gradients, moments and caches in GPU memory, by name. */
export class GpuResident {
  private readonly device: GPUDevice
  private readonly buffers = new Map<string, ResidentBuffer>()

  constructor(device: GPUDevice) {
    this.device = device
  }

  has(name: string): boolean {
    return this.buffers.has(name)
  }

  get(name: string): ResidentBuffer {
    const buffer = this.buffers.get(name)
    if (!buffer) throw new PlanError(`Buffer ${name} is not on the device: place or allocate it first.`)
    return buffer
  }

  /** Uploads a weight part by part, so that JS never holds a second copy of all of it; or its next rows. */
  placeWeight(name: string, tensor: PackedTensor | TensorRows): void {
    const { first, of } = asRows(tensor)
    if (first === 0) this.release(name, true)
    if (tensor.shape[0] < of[0]) return this.placeRows(name, asRows(tensor))
    const { format, shape, bytes } = placeOnDevice(tensor)
    const rows = shape.length > 1 ? shape[0] : 1
    const columns = sizeOf(shape) / rows
    const layout = deviceFormats[format]
    const parts = this.divide(rows, (count) => 4 * layout.words(count, columns), layout.rowStep(columns)).map((part) => {
      const words = layout.pack(bytes, [rows, columns], part.first, part.count)
      return { ...part, ...this.create(name, words.byteLength, words) }
    })
    this.buffers.set(name, { format, parts, owner: name })
  }

  /** Some rows of a matrix, in a format that keeps each row's words together (those of files do); the first make the buffers. */
  private placeRows(name: string, tensor: TensorRows): void {
    const { first, of } = tensor
    const [rows, columns] = of
    const format = formatOnDevice(tensor.format, of)
    const layout = deviceFormats[format]
    if (layout.words(2, columns) !== 2 * layout.words(1, columns)) throw new PlanError(`${name} is ${format}, which cannot be placed row by row.`)
    if (first === 0) {
      const parts = this.divide(rows, (count) => 4 * layout.words(count, columns), layout.rowStep(columns))
        .map((part) => ({ ...part, ...this.create(name, 4 * layout.words(part.count, columns)) }))
      this.buffers.set(name, { format, parts, owner: name })
    }
    const { bytes, shape: [count] } = placeOnDevice(tensor)
    for (const part of this.get(name).parts) {
      const from = Math.max(first, part.first)
      const to = Math.min(first + count, part.first + part.count)
      if (from >= to) continue
      const words = layout.pack(bytes, [count, columns], from - first, to - from)
      this.device.queue.writeBuffer(part.buffer, part.offset + 4 * layout.words(from - part.first, columns), words)
    }
  }

  /** Makes a zero buffer, or the view of one, unless it is there. */
  allocate(spec: BufferSpec): void {
    if (this.buffers.has(spec.name)) return
    const bytes = 4 * sizeOf(spec.shape)
    if (spec.view) {
      const whole = this.get(spec.view.buffer).parts[0]
      const offset = 4 * spec.view.offset
      this.buffers.set(spec.name, { format: 'f32', owner: spec.view.buffer, parts: [{ first: 0, count: 1, buffer: whole.buffer, offset, bytes }] })
    } else {
      this.buffers.set(spec.name, { format: 'f32', owner: spec.name, parts: [{ first: 0, count: 1, ...this.create(spec.name, bytes) }] })
    }
  }

  /** Frees the buffers whose names start with `prefix` (or are it). */
  release(prefix: string, exactly = false): void {
    for (const [name, { parts, owner }] of [...this.buffers]) {
      if (exactly ? name !== prefix : !name.startsWith(prefix)) continue
      if (owner === name) for (const { buffer } of parts) buffer.destroy()
      this.buffers.delete(name)
    }
  }

  bytes(): number {
    return [...this.buffers].filter(([name, { owner }]) => owner === name)
      .reduce((sum, [, { parts }]) => sum + parts.reduce((total, part) => total + part.bytes, 0), 0)
  }

  /** Cuts rows so that each part fits what the device can bind at once. */
  private divide(rows: number, bytes: (count: number) => number, rowStep: number): WeightPart[] {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.device.limits
    const limit = Math.min(maxBufferSize, maxStorageBufferBindingSize)
    if (bytes(rows) <= limit) return [{ first: 0, count: rows }]
    const step = Math.max(4, rowStep)
    const count = Math.floor(Math.floor((rows * limit) / bytes(rows)) / step) * step || step
    return Array.from({ length: Math.ceil(rows / count) }, (_, i) => ({ first: i * count, count: Math.min(count, rows - i * count) }))
  }

  private create(label: string, bytes: number, data?: Uint32Array<ArrayBuffer>): Stretch {
    const size = Math.ceil(bytes / 4) * 4
    const buffer = this.device.createBuffer({ label, size, usage: usage(), mappedAtCreation: data !== undefined })
    if (data) {
      new Uint32Array(buffer.getMappedRange()).set(data)
      buffer.unmap()
    }
    return { buffer, offset: 0, bytes }
  }
}
