import { adamWReference } from './adamW/reference.ts'
import { addReference } from './add/reference.ts'
import { attentionBackwardReference, attentionReference, cachedAttentionReference } from './attention/reference.ts'
import type { OpName } from './attributes.ts'
import { cacheWriteReference } from './cache/reference.ts'
import { embedReference } from './embed/reference.ts'
import { gatherRowsReference } from './gatherRows/reference.ts'
import { globalNormReference } from './globalNorm/reference.ts'
import { headLossReference } from './headLoss/reference.ts'
import { linearBackwardReference, linearReference } from './linear/reference.ts'
import type { Reference } from './reference.ts'
import { rmsNormBackwardReference, rmsNormReference } from './rmsNorm/reference.ts'
import { ropeReference } from './rope/reference.ts'
import { swigluBackwardReference, swigluReference } from './swiglu/reference.ts'

/** Every operation in plain tfjs. */
export const references: { readonly [N in OpName]: Reference<N> } = {
  embed: embedReference,
  rmsNorm: rmsNormReference,
  rmsNormBackward: rmsNormBackwardReference,
  linear: linearReference,
  linearBackward: linearBackwardReference,
  rope: ropeReference,
  attention: attentionReference,
  attentionBackward: attentionBackwardReference,
  cachedAttention: cachedAttentionReference,
  cacheWrite: cacheWriteReference,
  swiglu: swigluReference,
  swigluBackward: swigluBackwardReference,
  add: addReference,
  gatherRows: gatherRowsReference,
  headLoss: headLossReference,
  globalNorm: globalNormReference,
  adamW: adamWReference,
}
