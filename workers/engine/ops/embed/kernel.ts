import type { Kernel } from '../kernel.ts'
import { deviceFormats } from '../wgsl/formats/index.ts'
import { forEach, workgroupsFor } from '../wgsl/elementwise.ts'
import { Sizes } from '../wgsl/sizes.ts'

/** Unpacks only the rows that are looked up; a table in several parts takes a dispatch for each. */
export const embedKernel: Kernel<'embed'> = ({ inputs, outputs, shapes, parts, constant }) => {
  const [tokens, hidden] = shapes.x
  const quads = Math.ceil(hidden / 4)
  const format = deviceFormats[inputs.table.format]
  return parts(inputs.table).map((part) => {
    const store = hidden % 4
      ? [0, 1, 2, 3].map((k) => `if (c + ${k}u < ${hidden}u) { x[t * ${hidden}u + c + ${k}u] = v.${'xyzw'[k]}; }`).join(' ')
      : `x[i] = v;`
    const body = `let t = i / ${quads}u;
  let c = (i % ${quads}u) * 4u;
  let own = u32(ids[t]) - ${part.first}u;
  if (own >= ${part.count}u) { return; }
  let v = table_at(own, c);
  ${store}`
    const sizes = new Sizes()
    const code = `${format.reader('table', part, hidden)}\n${forEach(tokens * quads, body, sizes)}`
    return {
      name: 'embed',
      bindings: [
        { name: 'ids', type: 'array<i32>', buffer: inputs.ids },
        { name: 'table', type: format.type(hidden), buffer: inputs.table, part },
        { name: 'x', type: hidden % 4 ? 'array<f32>' : 'array<vec4f>', buffer: outputs.x, write: true },
        sizes.binding(constant),
      ],
      code,
      workgroups: workgroupsFor(tokens * quads),
      flops: 0,
      bytes: 8 * tokens * hidden,
    }
  })
}
