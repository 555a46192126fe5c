import type { OpDefinition } from '../definition.ts'

/** x[t] = table[ids[t]]: ids int32 [T], table [vocabulary, hidden] (may be packed) → x [T, hidden]. */
export const embed: OpDefinition<'embed'> = {
  name: 'embed',
  inputs: ['ids', 'table'],
  optionalInputs: [],
  outputs: ['x'],
  flops: () => 0,
}
