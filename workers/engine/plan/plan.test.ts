import { describe, expect, it } from 'vitest'
import { layoutOfSettings } from '../lora/layout.ts'
import { loraSettingsSchema } from '../lora/settings.ts'
import type { ModelConfig } from '../model/config.ts'
import { memoryPlanFor } from '../training/memoryPlan.ts'
import { PlanBuilder, PlanError } from './builder.ts'
import { flopsOf } from './cost.ts'
import { lastUses } from './lifetimes.ts'
import { memoryOf } from './memory.ts'
import { planTraining } from './training.ts'

/** Qwen 2.5 7B's shape. */
const config: ModelConfig = {
  family: 'qwen2', vocabularySize: 152_064, hiddenSize: 3584, intermediateSize: 18_944, layers: 28, heads: 28, keyValueHeads: 4, headDim: 128,
  contextLength: 32_768, normEpsilon: 1e-6, rope: { theta: 1e6, scaling: null }, windows: Array.from({ length: 28 }, () => null),
  tiedEmbeddings: false, qkvBias: true, outputBias: false, mlpBias: false, qkNorm: false, bosTokenId: null, eosTokenIds: [], padTokenId: null,
}
const lora = loraSettingsSchema.parse({ rank: 16, alpha: 16, targetModules: 'all-linear' })
const formats = (name: string) => (/norm|bias/.test(name) ? 'f32' as const : 'nf4' as const)

const training = (gradientCheckpointing: boolean, targetModules: string[] | 'all-linear' = 'all-linear') => planTraining({
  config, formats, gradientCheckpointing, batch: { rows: 1, length: 1024, targets: 1024 },
  adapter: { id: 'train', layout: layoutOfSettings(config, { ...lora, targetModules }), dropout: 0 },
})

describe('a plan', () => {
  it('refuses to read what was not written, and to overwrite what was', () => {
    const builder = new PlanBuilder()
    const a = builder.buffer('input', 'a', [4])
    const b = builder.activation('b', [4])
    const c = builder.activation('c', [4])
    expect(() => builder.node('add', { a, b }, { y: c }, {})).toThrow(PlanError)
    builder.node('add', { a, b: a }, { y: b }, {})
    expect(() => builder.node('add', { a, b: a }, { y: b }, {})).toThrow(/overwrites b/)
    expect(() => builder.node('add', { a }, { y: c }, {})).toThrow(/lacks its input b/)
    expect(() => builder.node('add', { a: c, b: a }, { y: a }, {})).toThrow(PlanError)
    expect(() => builder.buffer('input', 'a', [5])).toThrow(/Buffer a/)
  })

  it('leaves out what nobody reads, and knows when memory is free', () => {
    const builder = new PlanBuilder()
    const a = builder.buffer('input', 'a', [256])
    const names = ['b', 'c', 'dead', 'd'].map((name) => builder.activation(name, [256]))
    const out = builder.buffer('output', 'out', [256])
    builder.node('add', { a, b: a }, { y: names[0] }, {})
    builder.node('add', { a: names[0], b: a }, { y: names[1] }, {})
    builder.node('add', { a: names[1], b: a }, { y: names[2] }, {})
    builder.node('add', { a: names[1], b: a }, { y: names[3] }, {})
    builder.node('add', { a: names[3], b: a }, { y: out }, {})
    const plan = builder.build('test')
    expect(plan.nodes).toHaveLength(4)
    expect(plan.buffers.has('dead')).toBe(false)
    expect(lastUses(plan)).toEqual([[], ['b'], ['c'], ['d']])
    // a and out stand, two activations at a time.
    expect(memoryOf(plan, false).peak).toBe(4 * 1024)
  })
})

describe("the training plan of a 7B model, without allocating anything", () => {
  it('takes 6 GB at most with a 4-bit base, 1024 tokens, rank 16 and checkpointing', () => {
    const run = { lora, formats, training: { batchSize: 1, gradientCheckpointing: true }, length: 1024 }
    const memory = memoryPlanFor(config, run, 'webgpu', { budget: 6e9 })
    expect(memory.advice).toBeUndefined()
    expect(memory.total).toBeLessThan(6e9)
    expect(memory.weights + memory.adapter + memory.optimizer + memory.activations + memory.scratch).toBe(memory.total)
  })

  it('advises what would make it fit', () => {
    const plain = { batchSize: 1, gradientCheckpointing: false }
    const advice = (training: typeof plain, budget: number) => memoryPlanFor(config, { lora, formats, training, length: 1024 }, 'webgpu', { budget }).advice
    expect(advice(plain, 6e9)).toMatch(/Switch gradient checkpointing on\.$/)
    expect(advice({ ...plain, batchSize: 8 }, 6e9)).toMatch(/train one sequence at once\.$/)
    expect(advice(plain, 5.2e9)).toMatch(/shorten the context to \d+ tokens/)
    expect(advice(plain, 1e9)).toMatch(/smaller base model/)
  })

  it('computes forward, again (but for each layer\'s last product), and backward: two and a half passes with checkpointing', () => {
    const passes = (checkpointed: boolean) => flopsOf(training(checkpointed)) / (2 * 7.6e9 * 1024)
    expect(passes(false)).toBeGreaterThan(1.9)
    expect(passes(false)).toBeLessThan(2.3)
    expect(passes(true)).toBeGreaterThan(2.4)
    expect(passes(true)).toBeLessThan(2.7)
  })

  it('ends below the lowest layer that has an adapter', () => {
    const nodes = training(false, ['model.layers.20.self_attn.q_proj']).nodes
    expect(nodes.some(({ scope }) => scope === 'layers.20.backward.')).toBe(true)
    expect(nodes.some(({ scope }) => scope === 'layers.19.backward.')).toBe(false)
    expect(nodes.filter(({ scope, outputs }) => scope === 'layers.20.backward.' && Object.values(outputs).includes('layers.20.backward.dNorm1'))).toEqual([])
  })
})
