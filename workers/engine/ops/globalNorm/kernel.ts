import { sizeOf } from '../../plan/plan.ts'
import type { BufferRef, Dispatch, Kernel } from '../kernel.ts'
import { forEach, workgroupsFor } from '../wgsl/elementwise.ts'
import { Sizes } from '../wgsl/sizes.ts'
import type { Constant } from '../wgsl/sizes.ts'

/** Floats that one invocation sums in the first pass. */
const share = 256

/** Partial sums of squares per stretch of both gradients, then one sum over those: always the same order. */
export const globalNormKernel: Kernel<'globalNorm'> = ({ inputs, outputs, shapes, scratch, constant }) => {
  const sizes = { gradientA: sizeOf(shapes.gradientA), gradientB: sizeOf(shapes.gradientB) }
  const partials = { gradientA: Math.ceil(sizes.gradientA / share), gradientB: Math.ceil(sizes.gradientB / share) }
  const sumsA = scratch('sumsA', partials.gradientA)
  const sumsB = scratch('sumsB', partials.gradientB)
  return [
    squares(constant, inputs.gradientA, sizes.gradientA, sumsA),
    squares(constant, inputs.gradientB, sizes.gradientB, sumsB),
    {
      name: 'globalNorm',
      bindings: [
        { name: 'sumsA', type: 'array<f32>', buffer: sumsA },
        { name: 'sumsB', type: 'array<f32>', buffer: sumsB },
        { name: 'loss', type: 'array<f32>', buffer: inputs.loss },
        { name: 'report', type: 'array<f32>', buffer: outputs.report, write: true },
      ],
      code: `var<workgroup> sums: array<f32, 64>;
@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32) {
  var sum = 0f;
  for (var i = lane; i < ${partials.gradientA}u; i += 64u) { sum += sumsA[i]; }
  for (var i = lane; i < ${partials.gradientB}u; i += 64u) { sum += sumsB[i]; }
  sums[lane] = sum;
  workgroupBarrier();
  if (lane > 0u) { return; }
  for (var i = 1u; i < 64u; i++) { sum += sums[i]; }
  report[0] = sqrt(sum);
  report[1] = loss[0];
}`,
      workgroups: [1, 1, 1],
      flops: 0,
      bytes: 0,
    },
  ]
}

function squares(constant: Constant, gradient: BufferRef, count: number, sums: BufferRef): Dispatch {
  const threads = Math.ceil(count / share)
  const sizes = new Sizes()
  // Neighbours read neighbours: invocation i takes every `threads`-th float.
  const code = forEach(threads, `var sum = 0f;
  for (var at = i; at < ${sizes.of(count)}; at += ${sizes.of(threads)}) { let g = gradient[at]; sum += g * g; }
  sums[i] = sum;`, sizes)
  return {
    name: 'globalNorm.squares',
    bindings: [
      { name: 'gradient', type: 'array<f32>', buffer: gradient },
      { name: 'sums', type: 'array<f32>', buffer: sums, write: true },
      sizes.binding(constant),
    ],
    code,
    workgroups: workgroupsFor(threads),
    flops: 2 * count,
    bytes: 4 * count,
  }
}
