import { WeightsError } from '../source.ts'
import type { ByteSource } from '../source.ts'
import { valueTypes } from './types.ts'

/** A metadata value; whole numbers of 64 bits are refused beyond 2^53. */
export type GgufValue = number | boolean | string | GgufValue[]

const scalarBytes = new Map<number, number>([
  [valueTypes.u8, 1], [valueTypes.i8, 1], [valueTypes.u16, 2], [valueTypes.i16, 2], [valueTypes.u32, 4], [valueTypes.i32, 4],
  [valueTypes.f32, 4], [valueTypes.bool, 1], [valueTypes.u64, 8], [valueTypes.i64, 8], [valueTypes.f64, 8],
])

/** Longest string and array read: a chat template, a vocabulary with its merges. */
const longestString = 2 ** 22
const longestArray = 2 ** 22
const chunk = 2 ** 18

/** Reads a header's values one after another, through a window onto the file. */
export class GgufReader {
  /** Bytes read so far. */
  position = 0
  private readonly source: ByteSource
  private readonly signal: AbortSignal | undefined
  private window = new Uint8Array(0)
  private windowStart = 0
  private view = new DataView(new ArrayBuffer(0))

  constructor(source: ByteSource, signal?: AbortSignal) {
    this.source = source
    this.signal = signal
  }

  u32(): Promise<number> {
    return this.scalar(valueTypes.u32) as Promise<number>
  }

  u64(): Promise<number> {
    return this.scalar(valueTypes.u64) as Promise<number>
  }

  async string(): Promise<string> {
    const length = await this.u64()
    if (length > longestString) throw new WeightsError(`${this.source.name}: a string of ${length} bytes in the header is over the limit of ${longestString}.`)
    const at = await this.need(length)
    // Vocabularies may hold pieces of characters; those tokens cannot be typed anyway.
    return new TextDecoder().decode(this.window.subarray(at, at + length))
  }

  async value(type: number, depth = 0): Promise<GgufValue> {
    if (type === valueTypes.string) return this.string()
    if (type !== valueTypes.array) return this.scalar(type)
    const itemType = await this.u32()
    const length = await this.u64()
    if (length > longestArray || depth > 2) throw new WeightsError(`${this.source.name}: an array of ${length} items in the header is over the limit.`)
    const items: GgufValue[] = []
    for (let i = 0; i < length; i++) items.push(await this.value(itemType, depth + 1))
    return items
  }

  private async scalar(type: number): Promise<number | boolean> {
    const bytes = scalarBytes.get(type)
    if (!bytes) throw new WeightsError(`${this.source.name}: the header has a value of unknown type ${type}.`)
    const at = await this.need(bytes)
    const { view } = this
    switch (type) {
      case valueTypes.u8: return view.getUint8(at)
      case valueTypes.i8: return view.getInt8(at)
      case valueTypes.u16: return view.getUint16(at, true)
      case valueTypes.i16: return view.getInt16(at, true)
      case valueTypes.u32: return view.getUint32(at, true)
      case valueTypes.i32: return view.getInt32(at, true)
      case valueTypes.f32: return view.getFloat32(at, true)
      case valueTypes.f64: return view.getFloat64(at, true)
      case valueTypes.bool: return view.getUint8(at) !== 0
      case valueTypes.u64: return this.safe(view.getBigUint64(at, true))
      default: return this.safe(view.getBigInt64(at, true))
    }
  }

  private safe(value: bigint): number {
    const number = Number(value)
    if (!Number.isSafeInteger(number)) throw new WeightsError(`${this.source.name}: the header has the number ${value}; that is no model.`)
    return number
  }

  /** Makes the next `length` bytes available and steps over them. @returns where they lie in the window. */
  private async need(length: number): Promise<number> {
    const { source } = this
    if (this.position + length > this.windowStart + this.window.length) {
      if (this.position + length > source.size) {
        throw new WeightsError(`${source.name} is truncated: its header goes on beyond byte ${source.size}.`)
      }
      const size = Math.min(source.size - this.position, Math.max(chunk, length))
      this.window = await source.read(this.position, size, this.signal)
      this.windowStart = this.position
      this.view = new DataView(this.window.buffer)
    }
    const at = this.position - this.windowStart
    this.position += length
    return at
  }
}
