import { adamW } from './adamW/index.ts'
import { add } from './add/index.ts'
import { attention, attentionBackward, cachedAttention } from './attention/index.ts'
import type { OpName } from './attributes.ts'
import { cacheWrite } from './cache/index.ts'
import type { OpDefinition } from './definition.ts'
import { embed } from './embed/index.ts'
import { gatherRows } from './gatherRows/index.ts'
import { globalNorm } from './globalNorm/index.ts'
import { headLoss } from './headLoss/index.ts'
import { linear, linearBackward } from './linear/index.ts'
import { rmsNorm, rmsNormBackward } from './rmsNorm/index.ts'
import { rope } from './rope/index.ts'
import { swiglu, swigluBackward } from './swiglu/index.ts'

/** Every operation there is. */
export const definitions: { readonly [N in OpName]: OpDefinition<N> } = {
  embed, rmsNorm, rmsNormBackward, linear, linearBackward, rope, attention, attentionBackward, cachedAttention, cacheWrite,
  swiglu, swigluBackward, add, gatherRows, headLoss, globalNorm, adamW,
}
