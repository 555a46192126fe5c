import { op, wasmModule } from './assembler.ts'
import type { Code, WasmFunction } from './assembler.ts'

/** Rows and columns of a result tile: 12 accumulators of 4, which with their operands fill the 16 vector registers. */
export const tileRows = 6
export const tileColumns = 8

/** Depth steps written out per turn of `transposedTile`. */
const panel = 8

/** Locals: a, b, c, count, step, stride, then 12 accumulators, two of b, one of a. */
const [a, b, c, count, step, stride, first] = [0, 1, 2, 3, 4, 5, 6]
const accumulator = (row: number, half: number): number => first + 2 * row + half
const [left, right, value] = [first + 12, first + 13, first + 14]

/**
 * Both functions make a tile of C = A·B, 6 x 8, from a panel of B that is
 * [depth][8]: (a, b, c, count, step, stride), addresses and steps in bytes,
 * `stride` from row to row of C.
 *
 * `tile`: A is [depth][6] (`step` from depth to depth), `count` depths.
 * `transposedTile`: A is a part of another panel matrix, [depth / 8][row][8]
 * (`step` from one 8 depths to the next), `count` times 8 depths: a packed
 * weight read across, so that one copy of it serves both directions.
 */
function makeTile(name: string, depths: number, offsetOf: (row: number, depth: number) => number, relaxed: boolean): WasmFunction {
  const madd = (vector: number, sum: number): Code => relaxed
    ? [...op.get(value), ...op.get(vector), ...op.get(sum), ...op.relaxedMultiplyAdd, ...op.set(sum)]
    : [...op.get(value), ...op.get(vector), ...op.multiplyVector, ...op.get(sum), ...op.addVector, ...op.set(sum)]
  const rows = Array.from({ length: tileRows }, (_, row) => row)
  const turn: Code = []
  for (let depth = 0; depth < depths; depth++) {
    turn.push(...op.get(b), ...op.loadVector(32 * depth), ...op.set(left), ...op.get(b), ...op.loadVector(32 * depth + 16), ...op.set(right))
    for (const row of rows) {
      turn.push(...op.get(a), ...op.loadSplat(offsetOf(row, depth)), ...op.set(value), ...madd(left, accumulator(row, 0)), ...madd(right, accumulator(row, 1)))
    }
  }
  turn.push(
    ...op.get(a), ...op.get(step), ...op.add, ...op.set(a),
    ...op.get(b), ...op.const(32 * depths), ...op.add, ...op.set(b),
    ...op.get(count), ...op.const(1), ...op.sub, ...op.set(count), ...op.get(count),
  )
  const store = rows.flatMap((row) => [
    ...op.get(c), ...op.get(accumulator(row, 0)), ...op.storeVector(0), ...op.get(c), ...op.get(accumulator(row, 1)), ...op.storeVector(16),
    ...op.get(c), ...op.get(stride), ...op.add, ...op.set(c),
  ])
  return { name, parameters: 6, vectors: 15, body: [...op.repeatWhile(turn), ...store] }
}

export interface ProductFunctions {
  tile(a: number, b: number, c: number, count: number, step: number, stride: number): void
  transposedTile(a: number, b: number, c: number, count: number, step: number, stride: number): void
}

/** The module's bytes; with fused multiply-adds where this engine has relaxed SIMD. */
export function productModule(memory: { maximumPages: number; shared: boolean }): Uint8Array<ArrayBuffer> {
  const make = (relaxed: boolean) => wasmModule([
    makeTile('tile', 1, (row) => 4 * row, relaxed),
    makeTile('transposedTile', panel, (row, depth) => 4 * (row * tileColumns + depth), relaxed),
  ], memory)
  const relaxed = make(true)
  return WebAssembly.validate(relaxed) ? relaxed : make(false)
}
