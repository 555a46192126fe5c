import type { Kernel } from '../kernel.ts'
import { bindOnce, forEach, workgroupsFor } from '../wgsl/elementwise.ts'
import { Sizes } from '../wgsl/sizes.ts'

/**
 * Sine and cosine to about 1e-7: WGSL's own promise 2^-11 and only within ±π,
 * while angles here reach the context's length. Reduction by π/2 in three
 * parts (Cody and Waite), then the usual minimax polynomials on ±π/4.
 */
const sincos = `fn sincos(angle: f32) -> vec2f {
  let turns = round(angle * 0.63661977236758134);
  var r = angle - turns * 1.5703125;
  r -= turns * 4.837512969970703125e-4;
  r -= turns * 7.549789948768648e-8;
  let z = r * r;
  let s = r + r * z * (-1.6666654611e-1 + z * (8.3321608736e-3 - z * 1.9515295891e-4));
  let c = 1 - z / 2 + z * z * (4.166664568298827e-2 + z * (-1.388731625493765e-3 + z * 2.443315711809948e-5));
  let quadrant = i32(turns) & 3;
  let swapped = select(vec2f(s, c), vec2f(c, s), (quadrant & 1) == 1);
  return swapped * vec2f(select(1f, -1f, quadrant >= 2), select(1f, -1f, quadrant == 1 || quadrant == 2));
}`

export const ropeKernel: Kernel<'rope'> = ({ attrs, inputs, outputs, shapes, constant }) => {
  const [tokens, features] = shapes.x
  const half = attrs.headDim / 2
  const { bindings, nameOf } = bindOnce([
    { name: 'x', type: 'array<f32>', buffer: inputs.x },
    { name: 'y', type: 'array<f32>', buffer: outputs.y, write: true },
  ])
  const x = nameOf('x')
  const heads = features / attrs.headDim
  // An invocation turns one frequency of all heads: the angle is worked out once.
  const body = `let t = i / ${half}u;
  let f = i % ${half}u;
  let turn = sincos(f32(positions[t]) * frequencies[f]);
  let cosine = turn.y;
  let sine = ${attrs.inverse ? '-' : ''}turn.x;
  for (var head = 0u; head < ${heads}u; head++) {
    let at = t * ${features}u + head * ${attrs.headDim}u + f;
    let a = ${x}[at];
    let b = ${x}[at + ${half}u];
    y[at] = a * cosine - b * sine;
    y[at + ${half}u] = b * cosine + a * sine;
  }`
  const sizes = new Sizes()
  const code = `${sincos}\n${forEach(tokens * half, body, sizes)}`
  return [{
    name: 'rope',
    bindings: [
      ...bindings,
      { name: 'positions', type: 'array<i32>', buffer: inputs.positions },
      { name: 'frequencies', type: 'array<f32>', buffer: inputs.frequencies },
      sizes.binding(constant),
    ],
    code,
    workgroups: workgroupsFor(tokens * half),
    flops: 3 * tokens * features,
    bytes: 8 * tokens * features,
  }]
}
