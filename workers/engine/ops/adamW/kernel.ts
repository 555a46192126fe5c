import { sizeOf } from '../../plan/plan.ts'
import type { Kernel } from '../kernel.ts'
import { elementwise } from '../wgsl/elementwise.ts'
import { adamWSettings as at } from './index.ts'

/** All adapter matrices of a group lie in one flat buffer: one dispatch updates them. */
export const adamWKernel: Kernel<'adamW'> = ({ attrs, inputs, outputs, shapes, constant }) => [
  elementwise(constant, {
    name: 'adamW',
    count: sizeOf(shapes.gradient),
    inputs: { p0: inputs.parametersIn, gradient: inputs.gradient, m0: inputs.mIn, v0: inputs.vIn },
    bindings: [
      { name: 'report', type: 'array<f32>', buffer: inputs.report },
      { name: 'settings', type: 'array<f32>', buffer: inputs.settings },
    ],
    prepare: `let rate = settings[${at.learningRateA + attrs.group}];
  let clip = settings[${at.clip}];
  let factor = select(1f, min(1f, clip / (report[0] + 1e-6)), clip > 0f);
  let g = gradient * factor;
  let m = ${attrs.beta1}f * m0 + ${1 - attrs.beta1}f * g;
  let v = ${attrs.beta2}f * v0 + ${1 - attrs.beta2}f * g * g;
  let denominator = sqrt(v) / sqrt(settings[${at.correction2}]) + ${attrs.epsilon}f;
  let p = p0 * (1 - rate * settings[${at.weightDecay}]) - (rate / settings[${at.correction1}]) * m / denominator;`,
    outputs: {
      parameters: { buffer: outputs.parameters, value: 'p' },
      m: { buffer: outputs.m, value: 'm' },
      v: { buffer: outputs.v, value: 'v' },
    },
    flops: 15 * sizeOf(shapes.gradient),
  }),
]
