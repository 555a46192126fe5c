import { sizeOf } from '../../plan/plan.ts'
import type { OpDefinition } from '../definition.ts'

export interface RmsNormAttributes {
  epsilon: number
}

/**
 * Root-mean-square normalisation (Zhang and Sennrich 2019) over groups of
 * `size` features: y = x · rstd · weight, rstd = (mean(x²) + epsilon)^(-1/2).
 *
 * x [T, groups·size], weight [size] → y like x, rstd [T·groups]. Groups are 1
 * for a layer's norm and the number of heads for Qwen 3's q and k norms.
 */
export const rmsNorm: OpDefinition<'rmsNorm'> = {
  name: 'rmsNorm',
  inputs: ['x', 'weight'],
  optionalInputs: [],
  outputs: ['y', 'rstd'],
  flops: ({ x }) => 4 * sizeOf(x),
}

/**
 * dx = rstd·(w∘dy) − x·rstd³·mean(w∘dy∘x), plus `add` when bound (the gradient
 * that comes along the residual path). The weight is frozen and has no gradient.
 */
export const rmsNormBackward: OpDefinition<'rmsNormBackward'> = {
  name: 'rmsNormBackward',
  inputs: ['dy', 'x', 'weight', 'rstd'],
  optionalInputs: ['add'],
  outputs: ['dx'],
  inPlace: { dx: 'add' },
  flops: ({ x }) => 8 * sizeOf(x),
}
