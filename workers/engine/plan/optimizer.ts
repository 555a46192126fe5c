import { flatBuffers } from '../lora/layout.ts'
import { gradientPrefix } from '../model/backward.ts'
import type { PlannedAdapter } from '../model/decoderContext.ts'
import { PlanBuilder } from './builder.ts'
import type { Plan } from './plan.ts'
import { lossBuffer } from './training.ts'

/** PyTorch's defaults, and in the recorded fine-tunings. */
const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }

/**
 * The end of an optimiser step: norm over all gradients, then AdamW over all A
 * and all B matrices. Input: settings [6] (`adamWSettings`). Output: report [2]
 * = (gradient norm before clipping, loss). Clear gradients and loss afterwards.
 */
export function planOptimizer({ id, layout }: Pick<PlannedAdapter, 'id' | 'layout'>): Plan {
  const builder = new PlanBuilder()
  builder.scope = 'optimizer.'
  const settings = builder.buffer('input', 'settings', [6])
  const report = builder.buffer('output', 'report', [2])
  const loss = builder.buffer('state', lossBuffer(id), [1])
  const declare = (prefix: string, role: 'adapter' | 'gradient' | 'moment') => {
    const { a, b } = flatBuffers(layout, prefix, role)
    return { a: builder.declare(a), b: builder.declare(b) }
  }
  const parameters = declare(id, 'adapter')
  const gradient = declare(gradientPrefix(id), 'gradient')
  const [first, second] = momentPrefixes(id)
  const m = declare(first, 'moment')
  const v = declare(second, 'moment')
  builder.node('globalNorm', { gradientA: gradient.a, gradientB: gradient.b, loss }, { report }, {})
  for (const side of ['a', 'b'] as const) {
    builder.node(
      'adamW',
      { parametersIn: parameters[side], gradient: gradient[side], mIn: m[side], vIn: v[side], report, settings },
      { parameters: parameters[side], m: m[side], v: v[side] },
      { ...adam, group: side === 'a' ? 0 : 1 },
    )
  }
  return builder.build('optimiser step')
}

/** Adam's first and second moments of an adapter. */
export function momentPrefixes(adapterId: string): [string, string] {
  return [`${adapterId}.m`, `${adapterId}.v`]
}
