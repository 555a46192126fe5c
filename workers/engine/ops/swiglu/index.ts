import { sizeOf } from '../../plan/plan.ts'
import type { OpDefinition } from '../definition.ts'

/** y = silu(gate)∘up (Shazeer 2020), silu(g) = g·σ(g). All [T, intermediate]. */
export const swiglu: OpDefinition<'swiglu'> = {
  name: 'swiglu',
  inputs: ['gate', 'up'],
  optionalInputs: [],
  outputs: ['y'],
  flops: ({ gate }) => 5 * sizeOf(gate),
}

/** dup = dy∘silu(gate), dgate = dy∘up∘σ(gate)∘(1 + gate∘(1 − σ(gate))). */
export const swigluBackward: OpDefinition<'swigluBackward'> = {
  name: 'swigluBackward',
  inputs: ['dy', 'gate', 'up'],
  optionalInputs: [],
  outputs: ['dgate', 'dup'],
  inPlace: { dgate: 'gate', dup: 'up' },
  flops: ({ gate }) => 10 * sizeOf(gate),
}
