import type { Kernel } from '../kernel.ts'
import { forEach, workgroupsFor } from '../wgsl/elementwise.ts'
import { Sizes } from '../wgsl/sizes.ts'

export const cacheWriteKernel: Kernel<'cacheWrite'> = ({ inputs, outputs, shapes, constant }) => {
  if (inputs.cacheIn.id !== outputs.cache.id) throw new Error('cacheWrite works in place: bind one buffer as cacheIn and cache.')
  const [tokens, features] = shapes.x
  const sizes = new Sizes()
  const code = forEach(tokens * features, `cache[u32(positions[i / ${features}u]) * ${features}u + i % ${features}u] = x[i];`, sizes)
  return [{
    name: 'cacheWrite',
    bindings: [
      { name: 'x', type: 'array<f32>', buffer: inputs.x },
      { name: 'positions', type: 'array<i32>', buffer: inputs.positions },
      { name: 'cache', type: 'array<f32>', buffer: outputs.cache, write: true },
      sizes.binding(constant),
    ],
    code,
    workgroups: workgroupsFor(tokens * features),
    flops: 0,
    bytes: 8 * tokens * features,
  }]
}
