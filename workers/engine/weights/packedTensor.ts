import { WeightsError } from './source.ts'

/**
 * How a tensor's numbers lie in its bytes.
 *
 * The frozen base stays as its file holds it. Blocks are 32 (`q8_0`, `q4_0`,
 * `q4_1`) or 256 (`q4_k`, `q6_k`) values of one row, as in GGUF; `nf4` is
 * described in `formats/nf4.ts`; `int8` is one scale per row and signed bytes.
 */
export const weightFormats = ['f32', 'f16', 'bf16', 'q8_0', 'q4_0', 'q4_1', 'q4_k', 'q6_k', 'nf4', 'int8'] as const
export type WeightFormat = (typeof weightFormats)[number]

/** A tensor in its file's own format. */
export interface PackedTensor {
  format: WeightFormat
  /** Outermost first; a linear layer's weight is [out, in]. */
  shape: readonly number[]
  /** Little-endian; `packedBytes(format, shape)` of them. */
  bytes: Uint8Array<ArrayBuffer>
}

/** Some rows of a tensor: `shape` says how many, `first` which one they begin with, `of` the whole tensor's shape. */
export interface TensorRows extends PackedTensor {
  first: number
  of: readonly number[]
}

/** A stretch of a tensor's outermost dimension. */
export interface RowRange {
  first: number
  count: number
}

/** A tensor as rows of itself: all of them. */
export function asRows(tensor: PackedTensor | TensorRows): TensorRows {
  return 'of' in tensor ? tensor : { ...tensor, first: 0, of: tensor.shape }
}

/** Some rows of a tensor in memory, without a copy; in formats that keep each row's bytes together. */
export function rowsOf({ format, shape, bytes }: PackedTensor, { first, count }: RowRange): TensorRows {
  const [rows, ...rest] = shape
  const row = bytes.length / rows
  return { format, shape: [count, ...rest], bytes: bytes.subarray(first * row, (first + count) * row), first, of: shape }
}

/** Values per block and bytes per block of the formats that store a row as blocks. */
export const blockLayout = {
  f32: { values: 1, bytes: 4 },
  f16: { values: 1, bytes: 2 },
  bf16: { values: 1, bytes: 2 },
  q8_0: { values: 32, bytes: 34 },
  q4_0: { values: 32, bytes: 18 },
  q4_1: { values: 32, bytes: 20 },
  q4_k: { values: 256, bytes: 144 },
  q6_k: { values: 256, bytes: 210 },
} as const satisfies Partial<Record<WeightFormat, { values: number; bytes: number }>>

/** Number of values in a tensor of this shape. */
export function valueCount(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1)
}

/**
 * Bytes that a tensor takes in a format.
 *
 * @throws {WeightsError} when rows do not divide into the format's blocks.
 */
export function packedBytes(format: WeightFormat, shape: readonly number[]): number {
  const values = valueCount(shape)
  const row = shape.at(-1) ?? 1
  if (format === 'int8') return values + 4 * (row === 0 ? 0 : values / row)
  if (format === 'nf4') {
    const blocks = Math.ceil(values / 64)
    const packed = Math.ceil(values / 2)
    return align4(packed) + align4(blocks) + 4 * Math.ceil(blocks / 256) + 4
  }
  const layout = blockLayout[format]
  if (row % layout.values) {
    throw new WeightsError(`A row of ${row} values cannot be ${format}: its blocks hold ${layout.values}.`)
  }
  return (values / layout.values) * layout.bytes
}

function align4(bytes: number): number {
  return Math.ceil(bytes / 4) * 4
}
