import type { MatmulShape, MatmulTile } from '../../ops/wgsl/matmul.ts'
import { z } from 'zod'

/** Where tuning results are kept between visits; the page keeps them in its database, per device. */
export interface TuningStore {
  load(deviceKey: string): Promise<unknown>
  save(deviceKey: string, results: TuningResults): Promise<void>
}

const tileSchema = z.object({
  strategy: z.enum(['direct', 'shared']),
  m: z.int().min(4).max(32).multipleOf(4), n: z.int().min(4).max(32).multipleOf(4),
  threadsM: z.int().min(1).max(64), threadsN: z.int().min(1).max(64),
  depth: z.int().min(4).max(64).multipleOf(4),
})

/** Best tile by `tuningKey`. */
export const tuningResultsSchema = z.record(z.string(), tileSchema)
export type TuningResults = Record<string, MatmulTile>

/**
 * Shapes that share a result: the same memory directions and format, sizes
 * within a factor of two of each other.
 */
export function tuningKey({ rows, columns, depth, kind }: MatmulShape): string {
  const bucket = (n: number) => 2 ** Math.ceil(Math.log2(Math.max(4, n)))
  return `${kind} ${bucket(rows)}x${bucket(columns)}x${bucket(depth)}`
}
