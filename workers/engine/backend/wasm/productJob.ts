import { tileColumns, tileRows } from './productModule.ts'
import type { ProductFunctions } from './productModule.ts'

/** Places of a job's numbers in the control words at the start of the memory. */
export const control = {
  /** Counts jobs; workers wait for it to change. */
  generation: 0,
  /** Workers that have not finished. */
  pending: 1,
  /** The next share that nobody has taken. */
  next: 2,
  job: 4,
} as const

/** Bytes at the start of the memory that are the control's. */
export const controlBytes = 1024

/** One product, cut into shares that threads take in turns. Addresses and strides in bytes. */
export interface ProductJob {
  /** 0: rows of A are tiles of 4 packed [depth][4]; 1: A is a weight read across (`transposedTile`). */
  kind: 0 | 1
  a: number
  b: number
  c: number
  /** Tiles along rows (A) and columns (B). */
  rowTiles: number
  columnTiles: number
  /** Depths (kind 0), or eights of depths (kind 1). */
  count: number
  /** Bytes from one row tile of A to the next, and from one column tile of B to the next. */
  rowStep: number
  columnStep: number
  /** `step` of the tile functions. */
  depthStep: number
  /** Bytes from row to row of C. */
  stride: number
}

const fields = ['kind', 'a', 'b', 'c', 'rowTiles', 'columnTiles', 'count', 'rowStep', 'columnStep', 'depthStep', 'stride'] as const

export function writeJob(words: Int32Array, job: ProductJob): void {
  fields.forEach((field, i) => { words[control.job + i] = job[field] })
}

export function readJob(words: Int32Array): ProductJob {
  return Object.fromEntries(fields.map((field, i) => [field, words[control.job + i] >>> 0])) as unknown as ProductJob
}

/** Tiles of the packed weight per share: its panels stay in the first cache while the other side passes by. */
const shareTiles = 4

/** Takes shares until none is left. The weight's tiles are the columns in kind 0, the rows in kind 1. */
export function takeShares({ tile, transposedTile }: ProductFunctions, words: Int32Array, job: ProductJob): void {
  const [outer, inner] = job.kind ? [job.rowTiles, job.columnTiles] : [job.columnTiles, job.rowTiles]
  const run = job.kind ? transposedTile : tile
  for (;;) {
    const start = Atomics.add(words, control.next, 1) * shareTiles
    if (start >= outer) return
    for (let i = start; i < Math.min(outer, start + shareTiles); i++) {
      for (let j = 0; j < inner; j++) {
        const [row, column] = job.kind ? [i, j] : [j, i]
        run(
          job.a + row * job.rowStep, job.b + column * job.columnStep,
          job.c + row * tileRows * job.stride + column * tileColumns * 4, job.count, job.depthStep, job.stride,
        )
      }
    }
  }
}
