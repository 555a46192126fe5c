import { opSwiglu, opSwigluBackward } from '../../backend/wasm/assembly/operations.ts'
import { sizeOf } from '../../plan/plan.ts'
import { blocks } from '../wasmKernel.ts'
import type { WasmKernel } from '../wasmKernel.ts'

/** Elements of a share. */
const block = 8192

export const swigluWasm: WasmKernel<'swiglu'> = ({ shapes, at, command }) => {
  const size = sizeOf(shapes.gate)
  command(opSwiglu, blocks(size, block), [at('gate'), at('up'), at('y'), size, block])
}

export const swigluBackwardWasm: WasmKernel<'swigluBackward'> = ({ shapes, at, scratch, command }) => {
  const size = sizeOf(shapes.gate)
  command(opSwigluBackward, blocks(size, block), [
    at('dy'), at('gate'), at('up'), at('dgate') || scratch(size), at('dup') || scratch(size), size, block,
  ])
}
