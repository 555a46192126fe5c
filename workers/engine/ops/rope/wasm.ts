import { opRope } from '../../backend/wasm/assembly/operations.ts'
import { blocks } from '../wasmKernel.ts'
import type { Preparation, WasmKernel } from '../wasmKernel.ts'

/** Tokens of a share. */
const block = 16

export const ropeWasm: WasmKernel<'rope'> = ({ attrs, shapes, at, name, prepared, command }) => {
  const [tokens, features] = shapes.x
  const { headDim, inverse } = attrs
  const half = headDim / 2
  const size = tokens * half
  const cosines = prepared(`rope:${name('positions')}:${name('frequencies')}`, 2 * size, tables(at('positions'), at('frequencies'), tokens, half))
  command(opRope, blocks(tokens, block), [
    at('x'), at('y'), cosines, cosines + 4 * size, tokens, features / headDim, headDim, inverse ? 1 : 0, block,
  ])
}

/** Cosines and sines of positions[t]·frequencies[i], an angle in single precision as PyTorch's. */
function tables(positions: number, frequencies: number, tokens: number, half: number): (address: number) => Preparation {
  return (address) => (memory) => {
    const [at, turns] = [memory.integers(positions, tokens), memory.floats(frequencies, half)]
    const cosines = memory.floats(address, tokens * half)
    const sines = memory.floats(address + 4 * tokens * half, tokens * half)
    for (let t = 0; t < tokens; t++) {
      for (let i = 0; i < half; i++) {
        const angle = Math.fround(at[t] * turns[i])
        cosines[t * half + i] = Math.cos(angle)
        sines[t * half + i] = Math.sin(angle)
      }
    }
  }
}
