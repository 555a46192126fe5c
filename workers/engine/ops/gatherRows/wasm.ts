import { opRows } from '../../backend/wasm/assembly/operations.ts'
import { blocks } from '../wasmKernel.ts'
import type { WasmKernel } from '../wasmKernel.ts'

/** Rows of a share. */
const block = 32

export const gatherRowsWasm: WasmKernel<'gatherRows'> = ({ shapes, at, command }) => {
  const [count, features] = shapes.y
  command(opRows, blocks(count, block), [at('x'), at('rows'), at('y'), count, 4 * features, 0, block])
}
