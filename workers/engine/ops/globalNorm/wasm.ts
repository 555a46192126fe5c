import { opNorm, opSquares } from '../../backend/wasm/assembly/operations.ts'
import { sizeOf } from '../../plan/plan.ts'
import { blocks } from '../wasmKernel.ts'
import type { WasmKernel } from '../wasmKernel.ts'

/** Elements of a share. */
const block = 32768

export const globalNormWasm: WasmKernel<'globalNorm'> = ({ shapes, at, scratch, command }) => {
  const sizes = { gradientA: sizeOf(shapes.gradientA), gradientB: sizeOf(shapes.gradientB) }
  const count = blocks(sizes.gradientA, block) + blocks(sizes.gradientB, block)
  // In double precision.
  const sums = scratch(2 * count)
  command(opSquares, blocks(sizes.gradientA, block), [at('gradientA'), sums, sizes.gradientA, block])
  command(opSquares, blocks(sizes.gradientB, block), [at('gradientB'), sums + 8 * blocks(sizes.gradientA, block), sizes.gradientB, block])
  command(opNorm, 1, [sums, count, at('loss'), at('report')])
}
