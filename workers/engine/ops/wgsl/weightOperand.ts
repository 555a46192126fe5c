import type { BufferRef, Dispatch } from '../kernel.ts'
import { forEach, workgroupsFor } from './elementwise.ts'
import { deviceFormats } from './formats/index.ts'
import type { Operand } from './operand.ts'
import { Sizes } from './sizes.ts'
import type { Constant, SizeText } from './sizes.ts'

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
  const operand: Operand = {
    bindings: [{ name, type: format.type(columns), buffer, part }],
    declarations: format.reader(name, part, columns, size),
    along,
    load: (side, depth) => along === 'depth' ? `${name}_at(${side}, ${depth})` : `${name}_at(${depth}, ${side})`,
    bytes: (4 * format.words(part.count, columns)) / (part.count * columns),
    halfScale: 1,
  }
  if (buffer.format === 'f32' || buffer.format === 'f16') return operand
  return {
    ...operand,
    unpack: ({ constant, scratch }, half) => {
      const dense: BufferRef = { ...scratch('dense', (part.count * columns) / (half ? 2 : 1)), format: half ? 'f16' : 'f32' }
      return {
        dispatch: unpackWeight(constant, buffer, part, columns, dense),
        operand: weightOperand(name, dense, part, columns, along, size),
      }
    },
  }
}

/** Writes a packed weight out as float32 or float16, whatever `dense` is. */
function unpackWeight(constant: Constant, buffer: BufferRef, part: WeightPart, columns: number, dense: BufferRef): Dispatch {
  const sizes = new Sizes()
  const format = deviceFormats[buffer.format]
  const quads = sizes.of(columns / 4)
  const reader = format.reader('w', part, columns, sizes.of)
  const value = dense.format === 'f16' ? 'vec2u(pack2x16float(v.xy), pack2x16float(v.zw))' : 'v'
  const items = (part.count * columns) / 4
  const main = forEach(items, `let v = w_at(i / ${quads}, (i % ${quads}) * 4u);
  dense[i] = ${value};`, sizes)
  return {
    name: 'unpack',
    bindings: [
      { name: 'w', type: format.type(columns), buffer, part },
      { name: 'dense', type: deviceFormats[dense.format].type(columns), buffer: dense, write: true },
      sizes.binding(constant),
    ],
    code: `${reader}\n${main}`,
    workgroups: workgroupsFor(items),
    flops: 0,
    bytes: 4 * format.words(part.count, columns) + (dense.format === 'f16' ? 2 : 4) * part.count * columns,
  }
}
