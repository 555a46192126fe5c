import { adamWWasm } from './adamW/wasm.ts'
import { addWasm } from './add/wasm.ts'
import { attentionBackwardWasm, attentionWasm, cachedAttentionWasm } from './attention/wasm.ts'
import type { OpName } from './attributes.ts'
import { cacheWriteWasm } from './cache/wasm.ts'
import { embedWasm } from './embed/wasm.ts'
import { gatherRowsWasm } from './gatherRows/wasm.ts'
import { globalNormWasm } from './globalNorm/wasm.ts'
import { headLossWasm } from './headLoss/wasm.ts'
import { linearBackwardWasm, linearWasm } from './linear/wasm.ts'
import { rmsNormBackwardWasm, rmsNormWasm } from './rmsNorm/wasm.ts'
import { ropeWasm } from './rope/wasm.ts'
import { swigluBackwardWasm, swigluWasm } from './swiglu/wasm.ts'
import type { WasmKernel } from './wasmKernel.ts'

/** Every operation as commands of our own WebAssembly kernels. */
export const wasmKernels: { readonly [N in OpName]: WasmKernel<N> } = {
  embed: embedWasm,
  rmsNorm: rmsNormWasm,
  rmsNormBackward: rmsNormBackwardWasm,
  linear: linearWasm,
  linearBackward: linearBackwardWasm,
  rope: ropeWasm,
  attention: attentionWasm,
  attentionBackward: attentionBackwardWasm,
  cachedAttention: cachedAttentionWasm,
  cacheWrite: cacheWriteWasm,
  swiglu: swigluWasm,
  swigluBackward: swigluBackwardWasm,
  add: addWasm,
  gatherRows: gatherRowsWasm,
  headLoss: headLossWasm,
  globalNorm: globalNormWasm,
  adamW: adamWWasm,
}
