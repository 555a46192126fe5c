import { sizeOf } from '../../plan/plan.ts'
import type { OpDefinition } from '../definition.ts'

export interface RopeAttributes {
  headDim: number
  /** Rotate back: the gradient of the rotation. */
  inverse: boolean
}

/**
 * Rotary positions (Su et al. 2021) in Hugging Face's layout: within each head,
 * feature i turns together with feature i + headDim/2, by the angle
 * positions[t]·frequencies[i].
 *
 * x [T, heads·headDim], positions int32 [T], frequencies [headDim/2] → y like x.
 */
export const rope: OpDefinition<'rope'> = {
  name: 'rope',
  inputs: ['x', 'positions', 'frequencies'],
  optionalInputs: [],
  outputs: ['y'],
  inPlace: { y: 'x' },
  flops: ({ x }) => 3 * sizeOf(x),
}
