import { sizeOf } from '../../plan/plan.ts'
import type { Kernel } from '../kernel.ts'
import { elementwise } from '../wgsl/elementwise.ts'

const sigma = 'let sigma = 1 / (1 + exp(-gate));'

export const swigluKernel: Kernel<'swiglu'> = ({ inputs, outputs, shapes, constant }) => [
  elementwise(constant, {
    name: 'swiglu',
    count: sizeOf(shapes.y),
    inputs: { gate: inputs.gate, up: inputs.up },
    prepare: sigma,
    outputs: { y: { buffer: outputs.y, value: 'gate * sigma * up' } },
    flops: 5 * sizeOf(shapes.y),
  }),
]

export const swigluBackwardKernel: Kernel<'swigluBackward'> = ({ inputs, outputs, shapes, constant }) => [
  elementwise(constant, {
    name: 'swigluBackward',
    count: sizeOf(shapes.dy),
    inputs: { dy: inputs.dy, gate: inputs.gate, up: inputs.up },
    prepare: `${sigma} let dySigma = dy * sigma;`,
    outputs: {
      dgate: { buffer: outputs.dgate, value: 'dySigma * up * (1 + gate * (1 - sigma))' },
      dup: { buffer: outputs.dup, value: 'dySigma * gate' },
    },
    flops: 10 * sizeOf(shapes.dy),
  }),
]
