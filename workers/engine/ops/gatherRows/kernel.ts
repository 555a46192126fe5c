import type { Kernel } from '../kernel.ts'
import { forEach, workgroupsFor } from '../wgsl/elementwise.ts'
import { floatType } from '../wgsl/operand.ts'
import { Sizes } from '../wgsl/sizes.ts'

export const gatherRowsKernel: Kernel<'gatherRows'> = ({ inputs, outputs, shapes, constant }) => {
  const [count, features] = shapes.y
  const step = features % 4 ? 1 : 4
  const items = (count * features) / step
  const zero = step === 4 ? 'vec4f()' : '0f'
  const body = `let row = rows[i / ${features / step}u];
  if (row < 0) { y[i] = ${zero}; return; }
  y[i] = x[u32(row) * ${features / step}u + i % ${features / step}u];`
  const sizes = new Sizes()
  const code = forEach(items, body, sizes)
  return [{
    name: 'gatherRows',
    bindings: [
      { name: 'x', type: floatType(features), buffer: inputs.x },
      { name: 'rows', type: 'array<i32>', buffer: inputs.rows },
      { name: 'y', type: floatType(features), buffer: outputs.y, write: true },
      sizes.binding(constant),
    ],
    code,
    workgroups: workgroupsFor(items),
    flops: 0,
    bytes: 8 * count * features,
  }]
}
