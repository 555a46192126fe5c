import { sizeOf } from '../../plan/plan.ts'
import type { OpDefinition } from '../definition.ts'

/**
 * What the host wants to know of a step, in one readback: report [2] = (Euclidean
 * norm over both gradients, accumulated loss).
 *
 * gradientA, gradientB: the flat gradients of all A and all B matrices (padding
 * between views is zero); loss [1].
 */
export const globalNorm: OpDefinition<'globalNorm'> = {
  name: 'globalNorm',
  inputs: ['gradientA', 'gradientB', 'loss'],
  optionalInputs: [],
  outputs: ['report'],
  flops: ({ gradientA, gradientB }) => 2 * (sizeOf(gradientA) + sizeOf(gradientB)),
}
