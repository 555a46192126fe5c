import type { BufferRef } from '../kernel.ts'
import { deviceFormats } from './formats/index.ts'
import type { Operand } from './operand.ts'
import type { SizeText } from './sizes.ts'

/** Rows [first, first + count) of a weight, as they lie in one GPU buffer. */
export interface WeightPart {
  first: number
  count: number
}

/**
 * A part of a packed weight `[out, in]` as an operand. `depth`: products run
 * over `in` (forward); `side`: over `out` (the gradient of the input).
 */
export function weightOperand(name: string, buffer: BufferRef, part: WeightPart, columns: number, along: 'depth' | 'side', size: SizeText): Operand {
  const format = deviceFormats[buffer.format]
  return {
    bindings: [{ name, type: format.type(columns), buffer, part }],
    declarations: format.reader(name, part, columns, size),
    along,
    load: (side, depth) => along === 'depth' ? `${name}_at(${side}, ${depth})` : `${name}_at(${depth}, ${side})`,
  }
}
