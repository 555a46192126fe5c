import { sizeOf } from '../../plan/plan.ts'
import type { Kernel } from '../kernel.ts'
import { elementwise } from '../wgsl/elementwise.ts'

export const addKernel: Kernel<'add'> = ({ inputs, outputs, shapes, constant }) => [
  elementwise(constant, {
    name: 'add',
    count: sizeOf(shapes.y),
    inputs: { a: inputs.a, b: inputs.b },
    outputs: { y: { buffer: outputs.y, value: 'a + b' } },
  }),
]
