/**
 * Dense products against frozen weights in WebAssembly: fused multiply-adds and
 * several threads, which tfjs's WASM backend has not. Threads need shared
 * memory, which browsers give to cross-origin isolated pages only; one thread
 * works everywhere.
 *
 * A weight [out, in] is packed once into panels [out / 8][in][8] that serve
 * both directions: x·Wᵀ takes panels as the right side, dy·W as the left.
 */
import { control, controlBytes, takeShares, writeJob } from './productJob.ts'
import type { ProductJob } from './productJob.ts'
import { productModule, tileColumns, tileRows } from './productModule.ts'
import type { ProductFunctions } from './productModule.ts'
import { startHelpers } from './startHelpers.ts'

/** A weight in this memory. */
export interface PlacedWeight {
  address: number
  bytes: number
  out: number
  in: number
}

const maximumPages = 65536
const pageBytes = 65536
/** Bytes that weights may take of the 4 GiB; the rest is for the other sides of products. */
const weightLimit = 3 * 2 ** 30

export class Products {
  readonly threads: number
  private readonly memory: WebAssembly.Memory
  private readonly functions: ProductFunctions
  private readonly free = new Map<number, number[]>()
  private result = new Float32Array(0)
  /** First byte that no weight has. */
  private end = controlBytes

  /** @param threads wanted; one where memory cannot be shared. */
  static async open(threads: number): Promise<Products> {
    const shared = threads > 1 && typeof SharedArrayBuffer !== 'undefined' && ('process' in globalThis || globalThis.crossOriginIsolated)
    const memory = new WebAssembly.Memory({ initial: 256, maximum: maximumPages, shared })
    const module = await WebAssembly.compile(productModule({ maximumPages, shared }))
    const { exports } = await WebAssembly.instantiate(module, { env: { memory } })
    const helpers = shared ? await startHelpers(threads - 1, { module, memory }) : 0
    return new Products(memory, exports as unknown as ProductFunctions, helpers + 1)
  }

  private constructor(memory: WebAssembly.Memory, functions: ProductFunctions, threads: number) {
    this.memory = memory
    this.functions = functions
    this.threads = threads
  }

  /** Copies a weight [out, in] into panels; rows beyond `out` are zero. @throws {RangeError} where memory does not suffice. */
  place(values: Float32Array, out: number, inputs: number): PlacedWeight {
    const panels = Math.ceil(out / tileColumns)
    // The last tile of rows reads up to three rows beyond `inputs`.
    const bytes = 4 * (panels * inputs * tileColumns + tileRows * tileColumns)
    const address = this.free.get(bytes)?.pop() ?? this.allocate(bytes)
    const target = new Float32Array(this.memory.buffer, address, bytes / 4).fill(0)
    packPanels(values, out, inputs, tileColumns, target)
    return { address, bytes, out, in: inputs }
  }

  /** As `place`; null where memory does not suffice. */
  tryPlace(values: Float32Array, out: number, inputs: number): PlacedWeight | null {
    try {
      return this.place(values, out, inputs)
    } catch (error) {
      if (error instanceof RangeError) return null
      throw error
    }
  }

  release({ address, bytes }: PlacedWeight): void {
    this.free.set(bytes, [...(this.free.get(bytes) ?? []), address])
  }

  /** x·Wᵀ: x [rows, in] → [rows, out], valid until the next product. */
  forward(x: Float32Array, rows: number, weight: PlacedWeight): Float32Array {
    const rowTiles = Math.ceil(rows / tileRows)
    const columnTiles = Math.ceil(weight.out / tileColumns)
    const [a, c] = this.scratch(4 * rowTiles * tileRows * weight.in, 4 * rowTiles * tileRows * columnTiles * tileColumns)
    packPanels(x, rows, weight.in, tileRows, new Float32Array(this.memory.buffer, a, rowTiles * tileRows * weight.in))
    const stride = 4 * columnTiles * tileColumns
    this.run({
      kind: 0, a, b: weight.address, c, rowTiles, columnTiles, count: weight.in,
      rowStep: 4 * tileRows * weight.in, columnStep: 4 * tileColumns * weight.in, depthStep: 4 * tileRows, stride,
    })
    // Without padding the product already is the result.
    if (stride === 4 * weight.out) return new Float32Array(this.memory.buffer, c, rows * weight.out)
    const result = this.space(rows * weight.out)
    const padded = new Float32Array(this.memory.buffer, c, (rows * stride) / 4)
    for (let row = 0; row < rows; row++) result.set(padded.subarray((row * stride) / 4, (row * stride) / 4 + weight.out), row * weight.out)
    return result
  }

  /** dy·W: dy [rows, out] → [rows, in], valid until the next product. */
  backward(dy: Float32Array, rows: number, weight: PlacedWeight): Float32Array {
    const rowTiles = Math.ceil(weight.in / tileRows)
    const columnTiles = Math.ceil(rows / tileColumns)
    const depth = Math.ceil(weight.out / tileColumns) * tileColumns
    const [b, c] = this.scratch(4 * columnTiles * tileColumns * depth, 4 * rowTiles * tileRows * columnTiles * tileColumns)
    const panels = new Float32Array(this.memory.buffer, b, columnTiles * tileColumns * depth)
    if (depth > weight.out) panels.fill(0)
    packPanels(dy, rows, weight.out, tileColumns, panels, depth)
    const stride = 4 * columnTiles * tileColumns
    this.run({
      kind: 1, a: weight.address, b, c, rowTiles, columnTiles, count: depth / tileColumns,
      rowStep: 4 * tileRows * tileColumns, columnStep: 4 * tileColumns * depth, depthStep: 4 * tileColumns * weight.in, stride,
    })
    return transpose(new Float32Array(this.memory.buffer, c, (weight.in * stride) / 4), weight.in, stride / 4, rows, this.space(rows * weight.in))
  }

  /** An array that is used again and again: results are copied on by tfjs, and large arrays keep the garbage collector busy. */
  private space(size: number): Float32Array {
    if (this.result.length < size) this.result = new Float32Array(size)
    return this.result.subarray(0, size)
  }

  private run(job: ProductJob): void {
    // Memory that grew has a new buffer.
    const words = new Int32Array(this.memory.buffer, 0, 64)
    writeJob(words, job)
    Atomics.store(words, control.next, 0)
    Atomics.store(words, control.pending, this.threads - 1)
    Atomics.add(words, control.generation, 1)
    Atomics.notify(words, control.generation)
    takeShares(this.functions, words, job)
    for (let pending = Atomics.load(words, control.pending); pending > 0; pending = Atomics.load(words, control.pending)) {
      Atomics.wait(words, control.pending, pending)
    }
  }

  private allocate(bytes: number): number {
    const address = this.end
    const end = Math.ceil((address + bytes) / 64) * 64
    if (end > weightLimit) throw new RangeError(`Weights take ${end} bytes, ${weightLimit} are for them.`)
    this.ensure(end)
    this.end = end
    return address
  }

  /** Addresses behind the weights for the other sides of one product. */
  private scratch(...sizes: number[]): number[] {
    let end = this.end
    const addresses = sizes.map((bytes) => {
      const address = end
      end = Math.ceil((end + bytes) / 64) * 64
      return address
    })
    this.ensure(end + 64)
    return addresses
  }

  private ensure(bytes: number): void {
    const missing = bytes - this.memory.buffer.byteLength
    if (missing > 0) this.memory.grow(Math.ceil(missing / pageBytes))
  }
}

/** [rows, columns] → [rows / width][columns][width], columns padded to `depth`; missing rows keep what the target holds. */
function packPanels(values: Float32Array, rows: number, columns: number, width: number, target: Float32Array, depth = columns): void {
  for (let row = 0; row < rows; row++) {
    let to = Math.floor(row / width) * depth * width + (row % width)
    for (let from = row * columns; from < (row + 1) * columns; from++, to += width) target[to] = values[from]
  }
}

/** The first `columns` of a [rows, stride] matrix, transposed into `result`, in blocks that stay in the cache. */
function transpose(values: Float32Array, rows: number, stride: number, columns: number, result: Float32Array): Float32Array {
  for (let block = 0; block < rows; block += 16) {
    const end = Math.min(rows, block + 16)
    for (let column = 0; column < columns; column++) {
      for (let row = block; row < end; row++) result[column * rows + row] = values[row * stride + column]
    }
  }
  return result
}
