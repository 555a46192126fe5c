import { packedBytes, rowsOf, valueCount } from '../../weights/packedTensor.ts'
import type { PackedTensor, RowRange, TensorRows, WeightFormat } from '../../weights/packedTensor.ts'

const pageBytes = 65536
const maximumPages = 65536

/** Values that are handed out at once. */
const valuesAtOnce = 2 ** 22

interface Place {
  format: WeightFormat
  shape: readonly number[]
  offset: number
  length: number
  /** Bytes that are here. */
  filled: number
}

/**
 * Packed weights for backends that unpack them for each use, in a WebAssembly
 * memory of their own: JS's heap would not hold a large model.
 */
export class PackedWeights {
  private memory: WebAssembly.Memory | null = null
  private readonly places = new Map<string, Place>()
  /** Offsets of released weights by length. */
  private readonly free = new Map<number, number[]>()
  private end = 0

  /** Takes a weight, or its next rows. @throws {RangeError} where 4 GiB do not suffice. */
  place(name: string, { format, of, first, bytes }: TensorRows): void {
    const place = (first ? this.places.get(name) : undefined) ?? this.allocate(name, format, of)
    new Uint8Array(this.memory!.buffer, place.offset + place.filled).set(bytes)
    place.filled += bytes.length
  }

  /** A weight's rows in order, some at a time; undefined where it is not here. */
  rows(name: string): TensorRows[] | undefined {
    const tensor = this.tensor(name)
    if (!tensor) return undefined
    const [rows] = tensor.shape
    const count = Math.max(1, Math.floor((valuesAtOnce * rows) / valueCount(tensor.shape)))
    const pieces = Array.from({ length: Math.ceil(rows / count) }, (_, i) => ({ first: i * count, count: Math.min(count, rows - i * count) }))
    return apart(tensor) ? [{ ...tensor, first: 0, of: tensor.shape }] : pieces.map((range) => rowsOf(tensor, range))
  }

  /** Some rows of a weight that is here; all of them in formats that keep scales apart from the rows that they belong to. */
  some(name: string, range: RowRange): TensorRows {
    const tensor = this.tensor(name)!
    return apart(tensor) ? { ...tensor, first: 0, of: tensor.shape } : rowsOf(tensor, range)
  }

  /** Forgets the weights whose names start with `prefix`; the memory goes with the last of them. */
  release(prefix: string): void {
    for (const [name, { offset, length }] of [...this.places]) {
      if (!name.startsWith(prefix)) continue
      this.places.delete(name)
      this.free.set(length, [...(this.free.get(length) ?? []), offset])
    }
    if (this.places.size) return
    this.free.clear()
    this.memory = null
    this.end = 0
  }

  /** Taken at present. */
  get bytes(): number {
    return this.end
  }

  private tensor(name: string): PackedTensor | undefined {
    const place = this.places.get(name)
    if (!place || !this.memory) return undefined
    const { format, shape, offset, length } = place
    return { format, shape, bytes: new Uint8Array(this.memory.buffer, offset, length) }
  }

  private allocate(name: string, format: WeightFormat, shape: readonly number[]): Place {
    const length = packedBytes(format, shape)
    const offset = this.free.get(length)?.pop() ?? this.end
    if (offset === this.end) this.end += Math.ceil(length / 8) * 8
    this.memory ??= new WebAssembly.Memory({ initial: 1, maximum: maximumPages })
    const missing = this.end - this.memory.buffer.byteLength
    if (missing > 0) this.memory.grow(Math.ceil(missing / pageBytes))
    const place = { format, shape, offset, length, filled: 0 }
    this.places.set(name, place)
    return place
  }
}

/** Formats that keep scales apart from the rows that they belong to. */
function apart({ format }: PackedTensor): boolean {
  return format === 'nf4' || format === 'int8'
}
