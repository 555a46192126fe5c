import { expect, it } from 'vitest'
import { shapes } from '../../../tests/bench/shapes.ts'
import { freshAdapter, matrices } from './adapter.ts'
import { layoutOfSettings } from './layout.ts'
import { loraSettingsSchema } from './settings.ts'

it("a fresh adapter is spread as PEFT's: A uniform in ±1/√in, B zero, drawn from the seed", () => {
  const layout = layoutOfSettings(shapes.stories15M, loraSettingsSchema.parse({ rank: 16, alpha: 16, targetModules: 'all-linear' }))
  const adapter = freshAdapter(layout, 3)
  for (const module of layout.modules.slice(0, 14)) {
    const { a, b } = matrices(adapter, module)
    // PyTorch's kaiming_uniform_ with a = √5: bound √(6 / (1 + 5) / in), so variance 1/(3·in).
    const bound = 1 / Math.sqrt(module.in)
    const mean = a.reduce((sum, value) => sum + value, 0) / a.length
    const variance = a.reduce((sum, value) => sum + value * value, 0) / a.length
    expect(a.every((value) => Math.abs(value) <= bound)).toBe(true)
    expect(Math.max(...a)).toBeGreaterThan(0.99 * bound)
    expect(Math.abs(mean)).toBeLessThan(0.03 * bound)
    expect(variance / (bound * bound)).toBeCloseTo(1 / 3, 1)
    expect(b.every((value) => value === 0)).toBe(true)
  }
  const again = (seed: number) => Buffer.compare(new Uint8Array(freshAdapter(layout, seed).a.buffer), new Uint8Array(adapter.a.buffer))
  expect(again(3)).toBe(0)
  expect(again(4)).not.toBe(0)
})
