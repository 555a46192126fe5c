import type { OpName } from './attributes.ts'
import type { Kernel } from './kernel.ts'
import { adamWKernel } from './adamW/kernel.ts'
import { addKernel } from './add/kernel.ts'
import { attentionKernel, cachedAttentionKernel } from './attention/kernel.ts'
import { attentionBackwardKernel } from './attention/kernelBackward.ts'
import { cacheWriteKernel } from './cache/kernel.ts'
import { embedKernel } from './embed/kernel.ts'
import { gatherRowsKernel } from './gatherRows/kernel.ts'
import { globalNormKernel } from './globalNorm/kernel.ts'
import { headLossKernel } from './headLoss/kernel.ts'
import { linearBackwardKernel, linearKernel } from './linear/kernel.ts'
import { rmsNormBackwardKernel, rmsNormKernel } from './rmsNorm/kernel.ts'
import { ropeKernel } from './rope/kernel.ts'
import { swigluBackwardKernel, swigluKernel } from './swiglu/kernel.ts'

/** Every operation in WGSL. */
export const kernels: { readonly [N in OpName]: Kernel<N> } = {
  embed: embedKernel,
  rmsNorm: rmsNormKernel,
  rmsNormBackward: rmsNormBackwardKernel,
  linear: linearKernel,
  linearBackward: linearBackwardKernel,
  rope: ropeKernel,
  attention: attentionKernel,
  attentionBackward: attentionBackwardKernel,
  cachedAttention: cachedAttentionKernel,
  cacheWrite: cacheWriteKernel,
  swiglu: swigluKernel,
  swigluBackward: swigluBackwardKernel,
  add: addKernel,
  gatherRows: gatherRowsKernel,
  headLoss: headLossKernel,
  globalNorm: globalNormKernel,
  adamW: adamWKernel,
}
