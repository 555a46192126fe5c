import { opAdd } from '../../backend/wasm/assembly/operations.ts'
import { sizeOf } from '../../plan/plan.ts'
import { blocks } from '../wasmKernel.ts'
import type { WasmKernel } from '../wasmKernel.ts'

/** Elements of a share. */
const block = 16384

export const addWasm: WasmKernel<'add'> = ({ shapes, at, command }) => {
  const size = sizeOf(shapes.a)
  command(opAdd, blocks(size, block), [at('a'), at('b'), at('y'), size, block])
}
