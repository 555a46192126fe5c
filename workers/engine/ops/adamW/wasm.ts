import { opAdamW } from '../../backend/wasm/assembly/operations.ts'
import { sizeOf } from '../../plan/plan.ts'
import { blocks, float } from '../wasmKernel.ts'
import type { WasmKernel } from '../wasmKernel.ts'

/** Elements of a share. */
const block = 16384

export const adamWWasm: WasmKernel<'adamW'> = ({ attrs, shapes, at, command }) => {
  const size = sizeOf(shapes.gradient)
  const places = (['parametersIn', 'gradient', 'mIn', 'vIn', 'report', 'settings', 'parameters', 'm', 'v'] as const).map((port) => at(port))
  command(opAdamW, blocks(size, block), [...places, size, float(attrs.beta1), float(attrs.beta2), float(attrs.epsilon), attrs.group, block])
}
