import type { Binding, BufferRef, Dispatch } from '../kernel.ts'
import { literal } from './sizes.ts'
import type { Constant, SizeText } from './sizes.ts'

/**
 * One side of a matrix product C[m, n] = Σk left[m, k]·right[n, k], read four
 * values at a time along whichever direction is contiguous in memory:
 * `depth` (consecutive k of one row m or n) or `side` (consecutive m or n at one k).
 */
export interface Operand {
  bindings: Binding[]
  /** WGSL declarations that `load` needs. */
  declarations: string
  along: 'depth' | 'side'
  /**
   * A vec4f expression. `side` is the row m or n, `depth` is k; the one that
   * lies along memory is a multiple of 4. Values at depths beyond the product's
   * are 0; what lies beyond the last row is arbitrary and must not be stored.
   */
  load(side: string, depth: string): string
  /** Bytes of a value in memory. */
  bytes: number
  /** Power of two by which values are multiplied where they become 16-bit floats. */
  halfScale: number
  /** Packed weights: the same operand, unpacked to scratch by a dispatch of its own; to 16-bit floats with `half`. */
  unpack?(context: { constant: Constant; scratch(name: string, elements: number): BufferRef }, half: boolean): { dispatch: Dispatch; operand: Operand }
}

/** How a float32 matrix `[rows, columns]` is bound: four at a time where rows divide into fours. */
export function floatType(columns: number): string {
  return columns % 4 ? 'array<f32>' : 'array<vec4f>'
}

/**
 * WGSL `fn NAME_at(row, column) -> vec4f`: four values of a float32 matrix from
 * a column that is a multiple of 4; 0 beyond the row's end.
 */
export function floatReader(name: string, columns: number, size: SizeText = literal): string {
  if (columns % 4 === 0) {
    return `fn ${name}_at(row: u32, column: u32) -> vec4f { return ${name}[row * ${size(columns / 4)} + column / 4u]; }`
  }
  const width = size(columns)
  const value = (c: number) => c ? `select(0f, ${name}[i + ${c}u], column + ${c}u < ${width})` : `${name}[i]`
  return `fn ${name}_at(row: u32, column: u32) -> vec4f {
  let i = row * ${width} + column;
  return vec4f(${[0, 1, 2, 3].map(value).join(', ')});
}`
}

/** Brings gradients of a mean over some thousand targets into the range of 16-bit floats: 1.5e-8 to 16. */
export const gradientScale = 4096

export interface FloatOperand {
  name: string
  buffer: BufferRef
  /** Of the matrix, which is [side, depth] when it lies along `depth`, [depth, side] when along `side`. */
  columns: number
  along: 'depth' | 'side'
  size: SizeText
  /** Wraps the loaded value, e.g. in a factor or a dropout mask; gets the WGSL of value, row and column of the matrix. */
  map?: (value: string, row: string, column: string) => string
  /** The operand begins at this row or column of its matrix; columns in multiples of 4. */
  firstRow?: number
  firstColumn?: number
  /** What `map` needs. */
  bindings?: Binding[]
  declarations?: string
  /** Gradients of a mean are small: they need this to survive in 16 bits. */
  halfScale?: number
}

/** A float32 matrix as an operand. */
export function floatOperand({
  name, buffer, columns, along, size, map = (value) => value, firstRow, firstColumn, bindings = [], declarations = '', halfScale = 1,
}: FloatOperand): Operand {
  const [moreRows, moreColumns] = [firstRow, firstColumn].map((first) => (first ? ` + ${size(first)}` : ''))
  return {
    bindings: [{ name, type: floatType(columns), buffer }, ...bindings],
    declarations: `${declarations}\n${floatReader(name, columns, size)}`,
    along,
    bytes: 4,
    halfScale,
    load: (side, depth) => {
      const [row, column] = along === 'depth' ? [`(${side}${moreRows})`, `(${depth}${moreColumns})`] : [`(${depth}${moreRows})`, `(${side}${moreColumns})`]
      return map(`${name}_at(${row}, ${column})`, row, column)
    },
  }
}
