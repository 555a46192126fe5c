import { sizeOf } from '../../plan/plan.ts'
import type { OpDefinition } from '../definition.ts'

/** y = a + b, elementwise. */
export const add: OpDefinition<'add'> = {
  name: 'add',
  inputs: ['a', 'b'],
  optionalInputs: [],
  outputs: ['y'],
  inPlace: { y: 'a' },
  flops: ({ a }) => sizeOf(a),
}
