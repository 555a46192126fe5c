import { opRows } from '../../backend/wasm/assembly/operations.ts'
import { blocks } from '../wasmKernel.ts'
import type { WasmKernel } from '../wasmKernel.ts'

/** Rows of a share. */
const block = 32

/** The cache is written in place: plans give it one buffer. */
export const cacheWriteWasm: WasmKernel<'cacheWrite'> = ({ shapes, at, name, command }) => {
  if (name('cache') !== name('cacheIn')) throw new Error(`The cache ${name('cacheIn')} is written in place only, not to ${name('cache')}.`)
  const [tokens, features] = shapes.x
  command(opRows, blocks(tokens, block), [at('x'), at('positions'), at('cache'), tokens, 4 * features, 1, block])
}
