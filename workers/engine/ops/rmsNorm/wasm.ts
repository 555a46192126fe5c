import { opRmsNorm, opRmsNormBackward } from '../../backend/wasm/assembly/operations.ts'
import { sizeOf } from '../../plan/plan.ts'
import { blocks, float } from '../wasmKernel.ts'
import type { WasmKernel } from '../wasmKernel.ts'

/** Elements of a share. */
const share = 8192

export const rmsNormWasm: WasmKernel<'rmsNorm'> = ({ attrs, shapes, at, scratch, command }) => {
  const [size] = shapes.weight
  const groups = sizeOf(shapes.x) / size
  const block = Math.ceil(share / size)
  command(opRmsNorm, blocks(groups, block), [
    at('x'), at('weight'), at('y'), at('rstd') || scratch(groups), groups, size, float(attrs.epsilon), block,
  ])
}

export const rmsNormBackwardWasm: WasmKernel<'rmsNormBackward'> = ({ shapes, at, command }) => {
  const [size] = shapes.weight
  const groups = sizeOf(shapes.x) / size
  const block = Math.ceil(share / size)
  command(opRmsNormBackward, blocks(groups, block), [
    at('dy'), at('x'), at('weight'), at('rstd'), at('add'), at('dx'), groups, size, block,
  ])
}
