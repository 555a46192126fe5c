import type { Binding, BufferRef } from '../kernel.ts'

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
}

/** How a float32 matrix `[rows, columns]` is bound: four at a time where rows divide into fours. */
export function floatType(columns: number): string {
  return columns % 4 ? 'array<f32>' : 'array<vec4f>'
}

/**
 * WGSL `fn NAME_at(row, column) -> vec4f`: four values of a float32 matrix from
 * a column that is a multiple of 4; 0 beyond the row's end.
 */
export function floatReader(name: string, columns: number): string {
  if (columns % 4 === 0) {
    return `fn ${name}_at(row: u32, column: u32) -> vec4f { return ${name}[row * ${columns / 4}u + column / 4u]; }`
  }
  const value = (c: number) => c ? `select(0f, ${name}[i + ${c}u], column + ${c}u < ${columns}u)` : `${name}[i]`
  return `fn ${name}_at(row: u32, column: u32) -> vec4f {
  let i = row * ${columns}u + column;
  return vec4f(${[0, 1, 2, 3].map(value).join(', ')});
}`
}

/**
 * A float32 matrix as an operand. `depth`: the matrix is [side, depth];
 * `side`: it is [depth, side].
 *
 * @param map - wraps the loaded value, e.g. in a factor or a dropout mask;
 *   gets the WGSL of value, row and column of the matrix.
 */
export function floatOperand(
  name: string, buffer: BufferRef, columns: number, along: 'depth' | 'side',
  map: (value: string, row: string, column: string) => string = (value) => value,
  /** The operand begins at this column of its matrix (a multiple of 4). */
  firstColumn = 0,
): Operand {
  return {
    bindings: [{ name, type: floatType(columns), buffer }],
    declarations: floatReader(name, columns),
    along,
    load: (side, depth) => {
      const shifted = (index: string) => firstColumn ? `(${index} + ${firstColumn}u)` : index
      const [row, column] = along === 'depth' ? [side, shifted(depth)] : [depth, shifted(side)]
      return map(`${name}_at(${row}, ${column})`, row, column)
    },
  }
}
