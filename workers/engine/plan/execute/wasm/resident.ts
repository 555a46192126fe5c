import { sizeOf } from '../../plan.ts'
import type { BufferSpec } from '../../plan.ts'
import type { WasmMachine } from '../../../backend/wasm/machine.ts'
import { unpack } from '../../../weights/formats/index.ts'
import type { RowRange, TensorRows } from '../../../weights/packedTensor.ts'
import { PackedWeights } from '../packedWeights.ts'

/** Where a buffer is: an address, or null for a weight that stays packed elsewhere. */
export interface Resident {
  at: number | null
  shape: readonly number[]
}

/** Values that are unpacked at once. */
const valuesAtOnce = 2 ** 22

/** The resident buffers of an executor, by name. */
export class WasmResident {
  private readonly machine: WasmMachine
  private readonly buffers = new Map<string, Resident & { owned: boolean }>()
  private readonly packed = new PackedWeights()
  /** Counts buffers that went: addresses from before may be out of date. */
  releases = 0

  constructor(machine: WasmMachine) {
    this.machine = machine
  }

  /** Takes a weight's next rows. @param keepPacked whether matrices stay as they are, to be unpacked for each use. */
  placeWeight(name: string, rows: TensorRows, keepPacked: boolean): void {
    const { of: shape, first } = rows
    const packed = keepPacked && shape.length > 1
    if (packed) this.packed.place(name, rows)
    if (first === 0) {
      this.releaseOne(name)
      this.buffers.set(name, { at: packed ? null : this.machine.heap.allocate(4 * sizeOf(shape)), shape, owned: true })
    }
    if (packed) return
    const values = unpack(rows)
    this.machine.floats(this.buffers.get(name)!.at! + 4 * first * sizeOf(shape.slice(1)), values.length).set(values)
  }

  /** Unpacks rows of a packed weight to an address. */
  unpackRows(name: string, { first, count }: RowRange, at: number): void {
    const columns = sizeOf(this.buffers.get(name)!.shape.slice(1))
    const step = Math.max(1, Math.floor(valuesAtOnce / columns))
    for (let row = first; row < first + count; row += step) {
      const range = { first: row, count: Math.min(step, first + count - row) }
      const some = this.packed.some(name, range)
      const from = (row - some.first) * columns
      const values = unpack(some).subarray(from, from + range.count * columns)
      this.machine.floats(at + 4 * (row - first) * columns, values.length).set(values)
    }
  }

  /** A buffer of zeros where there is none yet. A view is a place in its flat buffer. */
  allocate({ name, shape, view }: BufferSpec): void {
    if (this.buffers.has(name)) return
    if (view) {
      const flat = this.buffers.get(view.buffer)?.at
      if (typeof flat !== 'number') throw new Error(`Buffer ${name} is a part of ${view.buffer}, which is not there.`)
      this.buffers.set(name, { at: flat + 4 * view.offset, shape, owned: false })
      return
    }
    const size = sizeOf(shape)
    const at = this.machine.heap.allocate(4 * size)
    this.machine.floats(at, size).fill(0)
    this.buffers.set(name, { at, shape, owned: true })
  }

  get(name: string): Resident | undefined {
    return this.buffers.get(name)
  }

  /** Bytes of weights that are kept packed. */
  get packedBytes(): number {
    return this.packed.bytes
  }

  /** Forgets the buffers whose names start with `prefix`. */
  release(prefix: string): void {
    for (const name of [...this.buffers.keys()]) if (name.startsWith(prefix)) this.releaseOne(name)
    this.packed.release(prefix)
  }

  private releaseOne(name: string): void {
    const buffer = this.buffers.get(name)
    if (buffer) this.releases++
    if (typeof buffer?.at === 'number' && buffer.owned) this.machine.heap.release(buffer.at)
    this.buffers.delete(name)
  }
}
