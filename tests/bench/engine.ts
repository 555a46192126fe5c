import { layoutOfSettings } from '../../workers/engine/lora/layout.ts'
import { definitions } from '../../workers/engine/ops/definitions.ts'
import type { OpDefinition } from '../../workers/engine/ops/definition.ts'
import type { OpName } from '../../workers/engine/ops/attributes.ts'
import { useProducts } from '../../workers/engine/ops/linear/frozenProducts.ts'
import { Products } from '../../workers/engine/backend/wasm/products.ts'
import { openExecutor } from '../../workers/engine/plan/execute/openExecutor.ts'
import type { Plan } from '../../workers/engine/plan/plan.ts'
import { planTraining } from '../../workers/engine/plan/training.ts'
import { Random } from '../../src/data/random.ts'
import { layOut } from '../../workers/engine/training/batch.ts'
import { Stepper } from '../../workers/engine/training/stepper.ts'
import { shapes } from './shapes.ts'
import type { ShapeName } from './shapes.ts'
import { median } from './step.ts'
import { placeSyntheticModel } from './syntheticModel.ts'

export interface EngineSide {
  milliseconds: number
  tokensPerSecond: number
  flopsPerSecond: number
  losses: number[]
}

export interface EngineReport {
  model: ShapeName
  tokens: number
  device: string
  threads: number
  ours: EngineSide
  /** The same steps with tfjs's own products. */
  stock: EngineSide
  ratio: number
  /** Of the whole process, both sides' weights included. */
  peakBytes: number
}

/** LoRA steps (r = 8 on q and v) on WebAssembly in Node, with our products and with tfjs's, in turns. */
export async function benchEngine(model: ShapeName, rows: number, length: number, steps: number): Promise<EngineReport> {
  const config = shapes[model]
  const { executor } = await openExecutor(['wasm'])
  const products = await Products.open(navigator.hardwareConcurrency)
  const loaded = placeSyntheticModel(config, executor, 'f32')
  const layout = layoutOfSettings(config, { rank: 8, alpha: 16, rsLora: false, targetModules: ['q_proj', 'v_proj'], dropout: 0 })
  const random = new Random(5)
  const batch = layOut(Array.from({ length: rows }, () => {
    const ids = Array.from({ length }, () => random.below(config.vocabularySize))
    return [{ ids, labels: ids }]
  }), length)
  const sides = [products, null].map((own) => ({ own, times: [] as number[], losses: [] as number[], stepper: null as Stepper | null }))
  for (const [i, side] of sides.entries()) {
    side.stepper = new Stepper(loaded, { layout, a: new Float32Array(layout.sizeA).fill(0.01), b: new Float32Array(layout.sizeB).fill(0.01) }, { id: `side${i}` })
  }
  useProducts(products)
  for (let step = 0; step < steps; step++) {
    for (const side of sides) {
      useProducts(side.own)
      // The first step of a turn packs weights, which training does once.
      for (let turn = 0; turn < 2; turn++) {
        const start = performance.now()
        const { loss } = await side.stepper!.run([batch], { learningRate: 1e-3, loraPlusRatio: 1, weightDecay: 0, clip: 1, seed: 0 })
        if (turn) side.times.push(performance.now() - start)
        side.losses.push(loss)
      }
    }
  }
  const tokens = rows * length
  const flops = flopsOf(planTraining({
    config, adapter: { id: 'x', layout, dropout: 0 }, formats: () => 'f32', batch: { rows, length, targets: tokens }, gradientCheckpointing: false,
  }))
  const [ours, stock] = sides.map(({ times, losses }): EngineSide => {
    const milliseconds = median(times)
    return { milliseconds, tokensPerSecond: (1e3 * tokens) / milliseconds, flopsPerSecond: (1e3 * flops) / milliseconds, losses }
  })
  return {
    model, tokens, device: executor.device, threads: products.threads, ours, stock, ratio: stock.milliseconds / ours.milliseconds,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  }
}

function flopsOf(plan: Plan): number {
  return plan.nodes.reduce((sum, { op, inputs, outputs, attrs }) => {
    const shapes = Object.fromEntries(Object.entries({ ...inputs, ...outputs }).map(([port, name]) => [port, plan.buffers.get(name)!.shape]))
    return sum + (definitions[op] as OpDefinition<OpName>).flops(shapes, attrs)
  }, 0)
}
