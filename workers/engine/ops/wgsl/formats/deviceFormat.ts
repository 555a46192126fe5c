import { literal } from '../sizes.ts'
import type { SizeText } from '../sizes.ts'

/**
 * How a packed weight lies in GPU memory, and the WGSL that reads it.
 *
 * It is the file's own packing, moved as little as 32-bit words ask for: where
 * a block is no whole number of words (q8_0, q4_0, q6_k), its half-precision
 * scale gets a word of its own.
 */
export interface DeviceFormat {
  /** Type of the storage binding. */
  type(columns: number): string
  /** 32-bit words of `rows` rows of `columns` values. */
  words(rows: number, columns: number): number
  /** Rows that a part must begin at a multiple of, so that no block is cut. */
  rowStep(columns: number): number
  /** The words of rows [first, first + count). `bytes` are the whole tensor's. */
  pack(bytes: Uint8Array, shape: readonly number[], first: number, count: number): Uint32Array<ArrayBuffer>
  /**
   * WGSL `fn NAME_at(row, column) -> vec4f`: four values from a column that is
   * a multiple of 4. `row` counts from the part's first.
   */
  reader(name: string, part: { first: number; count: number }, columns: number, size?: SizeText): string
}

/** Little-endian words of some bytes, without a copy where they are aligned. */
export function wordsOf(bytes: Uint8Array, from: number, to: number): Uint32Array<ArrayBuffer> {
  return new Uint32Array(bytes.slice(from, to).buffer)
}

/** A format whose blocks of one row are laid out as `words` words each. */
export function blockFormat(options: {
  values: number
  bytes: number
  words: number
  /** Copies one block; null when the file's bytes are the words. */
  copy: ((from: Uint8Array, at: number, to: Uint8Array, toAt: number) => void) | null
  /** WGSL body: from `i` (first word of the block) and `c` (column within it, a multiple of 4), of binding NAME. */
  read: (name: string) => string
}): DeviceFormat {
  const { values, bytes: size, words, copy, read } = options
  return {
    type: () => 'array<u32>',
    words: (rows, columns) => rows * (columns / values) * words,
    rowStep: () => 1,
    pack: (bytes, [, columns], first, count) => {
      const perRow = columns / values
      const blocks = count * perRow
      const start = first * perRow * size
      if (!copy) return wordsOf(bytes, start, start + blocks * size)
      const out = new Uint8Array(blocks * words * 4)
      for (let block = 0; block < blocks; block++) copy(bytes, start + block * size, out, block * words * 4)
      return new Uint32Array(out.buffer)
    },
    reader: (name, _part, columns, size = literal) => `fn ${name}_at(row: u32, column: u32) -> vec4f {
  let i = (row * ${size(columns / values)} + column / ${values}u) * ${words}u;
  let c = column % ${values}u;
  ${read(name)}
}`,
  }
}

/** WGSL: the four bytes of a word as floats, signed or not. */
export const signedBytes = (word: string) => `vec4f((vec4i(i32(${word})) << vec4u(24u, 16u, 8u, 0u)) >> vec4u(24u))`
export const unsignedBytes = (word: string) => `vec4f((vec4u(${word}) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(255u))`
