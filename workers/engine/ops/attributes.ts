import type { AdamWAttributes } from './adamW/index.ts'
import type { AttentionAttributes, CachedAttentionAttributes } from './attention/index.ts'
import type { CacheWriteAttributes } from './cache/index.ts'
import type { HeadLossAttributes } from './headLoss/index.ts'
import type { LinearAttributes } from './linear/index.ts'
import type { RmsNormAttributes } from './rmsNorm/index.ts'
import type { RopeAttributes } from './rope/index.ts'

/** Attributes of an operation that has none. */
export type NoAttributes = Readonly<Record<never, never>>

/** Every operation's name with the type of its attributes (fixed when a plan is made). */
export interface OpAttributes {
  embed: NoAttributes
  rmsNorm: RmsNormAttributes
  rmsNormBackward: RmsNormAttributes
  linear: LinearAttributes
  linearBackward: LinearAttributes
  rope: RopeAttributes
  attention: AttentionAttributes
  attentionBackward: AttentionAttributes
  cachedAttention: CachedAttentionAttributes
  cacheWrite: CacheWriteAttributes
  swiglu: NoAttributes
  swigluBackward: NoAttributes
  add: NoAttributes
  gatherRows: NoAttributes
  headLoss: HeadLossAttributes
  globalNorm: NoAttributes
  adamW: AdamWAttributes
}

export type OpName = keyof OpAttributes
