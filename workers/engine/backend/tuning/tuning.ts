import { z } from 'zod'
import type { MatmulShape, MatmulTile } from '../../ops/wgsl/tile.ts'

/**
 * Keeps what tuning found between visits: small JSON values under string keys,
 * which name adapter, driver and kind of product. A page keeps them in its
 * database, Node in a file. What comes back is checked before it is believed.
 */
export interface TuningStore {
  /** The value kept under a key; undefined where there is none. */
  get(key: string): Promise<unknown>
  set(key: string, value: MatmulTile): Promise<void>
}

const size = (largest: number) => z.int().min(1).max(largest)
const quads = (largest: number) => z.int().min(4).max(largest).multipleOf(4)

export const tileSchema = z.object({
  strategy: z.enum(['direct', 'shared', 'matrix']),
  m: quads(128), n: quads(128),
  threadsM: size(64), threadsN: size(64),
  depth: quads(64),
  half: z.boolean().optional(),
  split: size(64).optional(),
  unpack: z.boolean().optional(),
  unit: z.object({ M: size(64), N: size(64), K: size(64), component: z.enum(['f16', 'f32']), lanes: size(128) }).optional(),
}).refine(({ strategy, unit }) => (strategy === 'matrix') === (unit !== undefined), 'matrix tiles, and no others, name their unit')

/**
 * Shapes that share a result: the same memory directions, format and precision,
 * sizes within a factor of two of each other.
 */
export function tuningKey({ rows, columns, depth, kind, half }: MatmulShape): string {
  const bucket = (n: number) => 2 ** Math.ceil(Math.log2(Math.max(4, n)))
  return `${kind} ${bucket(rows)}x${bucket(columns)}x${bucket(depth)}${half ? ' half' : ''}`
}
