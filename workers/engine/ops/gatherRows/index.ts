import type { OpDefinition } from '../definition.ts'

/**
 * y[i] = x[rows[i]], or zeros where rows[i] is -1.
 * x [n, features], rows int32 [m] → y [m, features].
 *
 * Forward it picks the tokens whose logits are wanted (rows = their indices);
 * backward it puts gradients back (rows[t] = the slot of token t, or -1): the
 * gradient of a gather without repeated rows is the inverse gather, and needs no
 * atomic adds.
 */
export const gatherRows: OpDefinition<'gatherRows'> = {
  name: 'gatherRows',
  inputs: ['x', 'rows'],
  optionalInputs: [],
  outputs: ['y'],
  flops: () => 0,
}
