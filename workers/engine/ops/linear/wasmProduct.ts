import { opProduct, panelBytes } from '../../backend/wasm/assembly/operations.ts'
import type { OpName } from '../attributes.ts'
import { blocks, float } from '../wasmKernel.ts'
import type { WasmKernelContext } from '../wasmKernel.ts'

/** A matrix in memory; the steps between its rows and its columns in elements, one of them 1. */
export interface Matrix {
  at: number
  row: number
  column: number
}

/** Row-major with so many columns. */
export const matrix = (at: number, columns: number): Matrix => ({ at, row: columns, column: 1 })

/** The same numbers with rows and columns exchanged. */
export const transposed = ({ at, row, column }: Matrix): Matrix => ({ at, row: column, column: row })

export interface Product {
  rows: number
  columns: number
  depth: number
  /** [rows, depth] */
  left: Matrix
  /** [depth, columns] */
  right: Matrix
  /** Address of the result, row-major without gaps. */
  result: number
  /** Factor on the product. */
  factor?: number
  /** Address of what is added, shaped as the result (it may be the result), and of a row that is added to all; 0: none. */
  add?: number
  bias?: number
}

/** Parts of the result that threads take: as large as a product's own blocks, and enough of them for eight threads. */
const blockRows = 128
const blockColumns = 128

/** result = factor·left·right + add + bias */
export function product<N extends OpName>(context: WasmKernelContext<N>, { rows, columns, depth, left, right, result, factor = 1, add = 0, bias = 0 }: Product): void {
  const rowBlock = even(rows, blockRows, 4)
  const columnBlock = even(columns, blockColumns, 8)
  context.command(opProduct, blocks(rows, rowBlock) * blocks(columns, columnBlock), [
    rows, columns, depth, left.at, 4 * left.row, 4 * left.column, right.at, 4 * right.row, 4 * right.column,
    result, 4 * columns, float(factor), add, 4 * columns, bias, rowBlock, columnBlock,
  ], panelBytes)
}

/** Blocks of like size, at most `limit`, whole multiples of `unit`. */
function even(size: number, limit: number, unit: number): number {
  return Math.ceil(size / blocks(size, limit) / unit) * unit
}
