import type { OpDefinition } from '../definition.ts'
import type { NoAttributes } from '../attributes.ts'

export type CacheWriteAttributes = NoAttributes

/**
 * cache[positions[t]] = x[t]: writes the new tokens' keys or values into a cache.
 * x [T, features], positions int32 [T] (distinct), cacheIn [capacity, features] → cache.
 */
export const cacheWrite: OpDefinition<'cacheWrite'> = {
  name: 'cacheWrite',
  inputs: ['x', 'positions', 'cacheIn'],
  optionalInputs: [],
  outputs: ['cache'],
  inPlace: { cache: 'cacheIn' },
  flops: () => 0,
}
