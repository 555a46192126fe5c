import { sizeOf } from '../../plan/plan.ts'
import type { Kernel } from '../kernel.ts'
import { bindOnce } from '../wgsl/elementwise.ts'
import { floatReader, floatType } from '../wgsl/operand.ts'
import { rowwise, threadsPerRow } from '../wgsl/rowwise.ts'
import { Sizes } from '../wgsl/sizes.ts'

export const rmsNormKernel: Kernel<'rmsNorm'> = ({ attrs, inputs, outputs, shapes, capabilities, constant }) => {
  const size = sizeOf(shapes.weight)
  const rows = sizeOf(shapes.x) / size
  const threads = threadsPerRow(size, capabilities)
  const type = floatType(size)
  const keep = outputs.rstd ? [{ name: 'rstd', type: 'array<f32>', buffer: outputs.rstd, write: true }] : []
  const sizes = new Sizes()
  const { code, workgroups, directives } = rowwise(rows, threads, capabilities, `var squares = 0f;
  for (var c = lane * 4u; c < ${size}u; c += ${threads * 4}u) { let v = x_at(row, c); squares += dot(v, v); }
  let scale = inverseSqrt(total(squares) / ${size}f + ${attrs.epsilon}f);
  ${keep.length ? 'if (lane == 0u) { rstd[row] = scale; }' : ''}
  for (var c = lane * 4u; c < ${size}u; c += ${threads * 4}u) { ${write('y', size, 'x_at(row, c) * scale * weight_at(0u, c)')} }`, sizes)
  return [{
    name: 'rmsNorm',
    bindings: [
      { name: 'x', type, buffer: inputs.x },
      { name: 'weight', type, buffer: inputs.weight },
      { name: 'y', type, buffer: outputs.y, write: true },
      ...keep,
      sizes.binding(constant),
    ],
    directives,
    code: `${floatReader('x', size)}\n${floatReader('weight', size)}\n${code}`,
    workgroups,
    flops: 4 * rows * size,
    bytes: 8 * rows * size,
  }]
}

export const rmsNormBackwardKernel: Kernel<'rmsNormBackward'> = ({ inputs, outputs, shapes, capabilities, constant }) => {
  const size = sizeOf(shapes.weight)
  const rows = sizeOf(shapes.x) / size
  const threads = threadsPerRow(size, capabilities)
  const type = floatType(size)
  const { bindings, nameOf } = bindOnce([
    { name: 'dy', type, buffer: inputs.dy },
    { name: 'x', type, buffer: inputs.x },
    { name: 'weight', type, buffer: inputs.weight },
    ...(inputs.add ? [{ name: 'residual', type, buffer: inputs.add }] : []),
    { name: 'dx', type, buffer: outputs.dx, write: true },
  ])
  const residual = inputs.add ? ` + ${nameOf('residual')}_at(row, c)` : ''
  const readers = ['dy', 'x', 'weight', ...(inputs.add ? ['residual'] : [])].map(nameOf)
  const sizes = new Sizes()
  const { code, workgroups, directives } = rowwise(rows, threads, capabilities, `let scale = rstd[row];
  var sum = 0f;
  for (var c = lane * 4u; c < ${size}u; c += ${threads * 4}u) {
    sum += dot(${nameOf('dy')}_at(row, c) * weight_at(0u, c), ${nameOf('x')}_at(row, c));
  }
  let along = total(sum) * scale * scale / ${size}f;
  for (var c = lane * 4u; c < ${size}u; c += ${threads * 4}u) {
    let result = scale * (${nameOf('dy')}_at(row, c) * weight_at(0u, c) - along * ${nameOf('x')}_at(row, c))${residual};
    ${write('dx', size, 'result')}
  }`, sizes)
  return [{
    name: 'rmsNormBackward',
    bindings: [...bindings, { name: 'rstd', type: 'array<f32>', buffer: inputs.rstd }, sizes.binding(constant)],
    directives,
    code: `${[...new Set(readers)].map((name) => floatReader(name, size)).join('\n')}\n${code}`,
    workgroups,
    flops: 8 * rows * size,
    bytes: 16 * rows * size,
  }]
}

/** WGSL: stores four values at (row, c), or as many as the row still has. */
function write(name: string, columns: number, value: string): string {
  if (columns % 4 === 0) return `${name}[row * ${columns / 4}u + c / 4u] = ${value};`
  return `let v = ${value}; ${[0, 1, 2, 3].map((k) =>
    `if (c + ${k}u < ${columns}u) { ${name}[row * ${columns}u + c + ${k}u] = v.${'xyzw'[k]}; }`).join(' ')}`
}
