import type { Dispatch } from '../kernel.ts'
import { forEach, workgroupsFor } from './elementwise.ts'
import { product, storeResult } from './matmul.ts'
import type { Matmul, MatmulContext } from './matmul.ts'
import { floatReader, floatType } from './operand.ts'
import type { MatmulTile } from './tile.ts'

/**
 * A small result of a long sum keeps few workgroups busy: LoRA's A·x and the
 * gradients of A and B have 8 to 16 rows or columns. Here several workgroups
 * per tile sum a part of the depth each, and a second dispatch adds the parts,
 * always in the same order.
 */
export function splitProduct(context: MatmulContext, spec: Matmul, tile: MatmulTile): Dispatch[] {
  const { rows, columns, sizes } = spec
  const parts = Math.min(tile.split!, Math.ceil(spec.products[0].depth / tile.depth))
  if (parts < 2) return [product(context, spec, tile)]
  const partials = { name: 'partials', buffer: context.scratch('partials', parts * rows * columns) }
  const summed = product(context, {
    ...spec, parts, target: partials, value: 'acc', bindings: [], declarations: '', within: undefined,
  }, tile)
  const wide = Math.ceil(columns / 4)
  const text = { rows: sizes.of(rows), columns: sizes.of(columns) }
  const stored = storeResult(spec, text, sizes.of)
  const reader = floatReader('partials', columns, sizes.of)
  const body = `let row = i / ${sizes.of(wide)};
  let n = (i % ${sizes.of(wide)}) * 4u;
  var acc = vec4f();
  for (var p = 0u; p < ${sizes.of(parts)}; p++) { acc += partials_at(p * ${text.rows} + row, n); }
  store(row, n, acc);`
  const main = forEach(rows * wide, body, sizes)
  return [summed, {
    name: `${spec.name}.sum`,
    bindings: [
      { ...partials, type: floatType(columns) },
      { ...spec.target, type: floatType(spec.within?.stride ?? columns), write: true },
      ...(spec.bindings ?? []),
      sizes.binding(context.constant),
    ],
    code: `${reader}\n${spec.declarations ?? ''}\n${stored}\n${main}`,
    workgroups: workgroupsFor(rows * wide),
    flops: parts * rows * columns,
    bytes: 4 * (parts + 1) * rows * columns,
  }]
}
