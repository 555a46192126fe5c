import { op, wasmModule } from './assembler.ts'
import type { Code, WasmFunction } from './assembler.ts'

/**
 * Rows and columns of a result tile. Eight accumulators keep both multipliers
 * busy; twelve, or a loop written out twice, make V8 spill registers and halve
 * the speed (measured: 41 against 21 GFLOP/s).
 */
export const tileRows = 4
export const tileColumns = 8

/** Locals: the parameters, a counter, the accumulators, two of b, one of a. */
const [a, b, c, count, step, stride, inner, first] = [0, 1, 2, 3, 4, 5, 6, 7]
const accumulator = (row: number, half: number): number => first + 2 * row + half
const [left, right, value] = [0, 1, 2].map((i) => first + 2 * tileRows + i)
const rows = Array.from({ length: tileRows }, (_, row) => row)

const increase = (local: number, by: Code): Code => [...op.get(local), ...by, ...op.add, ...op.set(local)]
const countDown = (local: number): Code => [...op.get(local), ...op.const(1), ...op.sub, ...op.set(local), ...op.get(local)]

/** One depth: the outer product of 4 values of A, `offset` bytes apart, and 8 of B. */
function depth(offset: number, relaxed: boolean): Code {
  const multiplyAdd = (vector: number, sum: number): Code => relaxed
    ? [...op.get(value), ...op.get(vector), ...op.get(sum), ...op.relaxedMultiplyAdd, ...op.set(sum)]
    : [...op.get(value), ...op.get(vector), ...op.multiplyVector, ...op.get(sum), ...op.addVector, ...op.set(sum)]
  return [
    ...op.get(b), ...op.loadVector(0), ...op.set(left), ...op.get(b), ...op.loadVector(16), ...op.set(right),
    ...rows.flatMap((row) => [
      ...op.get(a), ...op.loadSplat(offset * row), ...op.set(value),
      ...multiplyAdd(left, accumulator(row, 0)), ...multiplyAdd(right, accumulator(row, 1)),
    ]),
    ...increase(b, op.const(4 * tileColumns)),
  ]
}

const store: Code = rows.flatMap((row) => [
  ...op.get(c), ...op.get(accumulator(row, 0)), ...op.storeVector(0), ...op.get(c), ...op.get(accumulator(row, 1)), ...op.storeVector(16),
  ...increase(c, op.get(stride)),
])

/**
 * Both functions make a tile of C = A·B, 4 x 8, from a panel of B that is
 * [depth][8]: (a, b, c, count, step, stride), addresses and steps in bytes,
 * `stride` from row to row of C.
 *
 * `tile`: A is [depth][4] (`step` from depth to depth), `count` depths.
 * `transposedTile`: A is a part of another panel matrix, [depth / 8][row][8]
 * (`step` from one 8 depths to the next), `count` times 8 depths: a packed
 * weight read across, so that one copy of it serves both directions.
 */
function tileFunctions(relaxed: boolean): WasmFunction[] {
  const shape = { parameters: 6, integers: 1, vectors: 2 * tileRows + 3 }
  const tile = op.repeatWhile([...depth(4, relaxed), ...increase(a, op.get(step)), ...countDown(count)])
  const across = op.repeatWhile([
    ...op.const(tileColumns), ...op.set(inner),
    ...op.repeatWhile([...depth(4 * tileColumns, relaxed), ...increase(a, op.const(4)), ...countDown(inner)]),
    ...increase(a, [...op.get(step), ...op.const(4 * tileColumns), ...op.sub]), ...countDown(count),
  ])
  return [
    { name: 'tile', ...shape, body: [...tile, ...store] },
    { name: 'transposedTile', ...shape, body: [...across, ...store] },
  ]
}

export interface ProductFunctions {
  tile(a: number, b: number, c: number, count: number, step: number, stride: number): void
  transposedTile(a: number, b: number, c: number, count: number, step: number, stride: number): void
}

/** The module's bytes; with fused multiply-adds where this engine has relaxed SIMD. */
export function productModule(memory: { maximumPages: number; shared: boolean }): Uint8Array<ArrayBuffer> {
  const make = (relaxed: boolean) => wasmModule(tileFunctions(relaxed), memory)
  const relaxed = make(true)
  return WebAssembly.validate(relaxed) ? relaxed : make(false)
}
