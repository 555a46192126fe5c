import { sizeOf } from '../../plan/plan.ts'
import type { BufferRef, Dispatch, Kernel, KernelContext } from '../kernel.ts'
import { forEach, workgroupsFor } from '../wgsl/elementwise.ts'
import { rowwise } from '../wgsl/rowwise.ts'
import { Sizes } from '../wgsl/sizes.ts'
import type { Constant } from '../wgsl/sizes.ts'

/** Floats that one invocation sums in the first pass. */
const share = 256

/** Partial sums of squares per stretch of both gradients, then one sum over those: always the same order. */
export const globalNormKernel: Kernel<'globalNorm'> = (context) => {
  const { inputs, shapes, scratch, constant } = context
  const sizes = { gradientA: sizeOf(shapes.gradientA), gradientB: sizeOf(shapes.gradientB) }
  const partials = { gradientA: Math.ceil(sizes.gradientA / share), gradientB: Math.ceil(sizes.gradientB / share) }
  const sumsA = scratch('sumsA', partials.gradientA)
  const sumsB = scratch('sumsB', partials.gradientB)
  return [
    squares(constant, inputs.gradientA, sizes.gradientA, sumsA),
    squares(constant, inputs.gradientB, sizes.gradientB, sumsB),
    sumAll(context, sumsA, sumsB, partials),
  ]
}

/** The partial sums' sum, in one workgroup. */
function sumAll({ inputs, outputs, constant, capabilities }: KernelContext<'globalNorm'>, sumsA: BufferRef, sumsB: BufferRef, partials: Record<'gradientA' | 'gradientB', number>): Dispatch {
  const sizes = new Sizes()
  const threads = capabilities.software ? 64 : 256
  const [countA, countB] = [sizes.of(partials.gradientA), sizes.of(partials.gradientB)]
  const { code, workgroups, directives } = rowwise(1, threads, capabilities, `var sum = 0f;
  for (var i = lane; i < ${countA}; i += ${threads}u) { sum += sumsA[i]; }
  for (var i = lane; i < ${countB}; i += ${threads}u) { sum += sumsB[i]; }
  sum = total(sum);
  if (lane == 0u) { report[0] = sqrt(sum); report[1] = loss[0]; }`, sizes)
  return {
    name: 'globalNorm',
    bindings: [
      { name: 'sumsA', type: 'array<f32>', buffer: sumsA },
      { name: 'sumsB', type: 'array<f32>', buffer: sumsB },
      { name: 'loss', type: 'array<f32>', buffer: inputs.loss },
      { name: 'report', type: 'array<f32>', buffer: outputs.report, write: true },
      sizes.binding(constant),
    ],
    directives,
    code,
    workgroups,
    flops: partials.gradientA + partials.gradientB,
    bytes: 4 * (partials.gradientA + partials.gradientB),
  }
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
