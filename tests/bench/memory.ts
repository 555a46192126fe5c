import type { Gpu } from '../../workers/engine/backend/device.ts'
import { layoutOfSettings } from '../../workers/engine/lora/layout.ts'
import type { LoraLayout } from '../../workers/engine/lora/layout.ts'
import type { ModelConfig } from '../../workers/engine/model/config.ts'
import { plannedMemory } from '../../workers/engine/plan/execute/webgpu/plannedMemory.ts'
import { WebGpuExecutor } from '../../workers/engine/plan/execute/webgpu.ts'
import { planOptimizer } from '../../workers/engine/plan/optimizer.ts'
import { planTraining } from '../../workers/engine/plan/training.ts'
import type { Plan } from '../../workers/engine/plan/plan.ts'
import { layOut } from '../../workers/engine/training/batch.ts'
import { Stepper } from '../../workers/engine/training/stepper.ts'
import { expectedTensors, parameterCount } from '../../workers/engine/weights/expectedTensors.ts'
import { packedBytes } from '../../workers/engine/weights/packedTensor.ts'
import type { Work } from './countWork.ts'
import { shapes } from './shapes.ts'
import type { ShapeName } from './shapes.ts'
import { placeSyntheticModel } from './syntheticModel.ts'

/** Bytes allowed per model (issue: 0.9, 1.9 and 6 GB). */
export const memoryLimits: Partial<Record<ShapeName, number>> = { 'qwen2.5-0.5b': 0.9e9, 'qwen2.5-1.5b': 1.9e9, 'qwen2.5-7b': 6e9 }

export interface PlannedModel {
  model: string
  parameters: number
  tokens: number
  weights: number
  /** Adapter, gradients and Adam's moments. */
  training: number
  activations: number
  total: number
  limit: number | null
  format: BaseFormat
  /** What WebGPU was asked for with this plan loaded, weights included; null where it was not tried. */
  requested: number | null
}

/** 4-bit formats of the base: bitsandbytes' (4.13 bits a weight), GGUF's Q4_K (4.5) and Q4_1 (5). */
type BaseFormat = 'nf4' | 'q4_k' | 'q4_1'

const lora = { rank: 16, alpha: 32, rsLora: false, targetModules: 'all-linear' as const, dropout: 0 }

function plans(config: ModelConfig, layout: LoraLayout, length: number, format: BaseFormat = 'nf4'): { step: Plan; update: Plan } {
  const adapter = { id: 'train', layout, dropout: 0 }
  const batch = { rows: 1, length, targets: length }
  const formats = () => format
  return { step: planTraining({ config, adapter, formats, batch, gradientCheckpointing: true }), update: planOptimizer(adapter) }
}

/** A model's training at some length, r = 16 on all layers, 4-bit base, checkpointed: by plan alone. */
export function planModel(gpu: Pick<Gpu, 'capabilities'>, model: string, config: ModelConfig, length: number, format: BaseFormat = 'nf4'): PlannedModel {
  const layout = layoutOfSettings(config, lora)
  const { step, update } = plans(config, layout, length, format)
  const planned = plannedMemory(step, gpu.capabilities)
  const optimiser = plannedMemory(update, gpu.capabilities)
  const weights = (planned.resident.weight ?? 0) + (planned.resident.constant ?? 0)
  const training = (planned.resident.adapter ?? 0) + (planned.resident.gradient ?? 0) + (planned.resident.state ?? 0) + (optimiser.resident.moment ?? 0)
  const activations = planned.activations + planned.own + optimiser.own
  return {
    model, parameters: parameterCount(config), tokens: length, weights, training, activations, total: weights + training + activations,
    limit: memoryLimits[model as ShapeName] ?? null, format, requested: null,
  }
}

export interface StepInMemory {
  planned: PlannedModel
  /** What WebGPU was asked for, at the most, while the long plan was loaded. */
  requested: number
  /** A step of a few tokens, really run. */
  stepTokens: number
  milliseconds: number
  loss: number
  gradientNorm: number
}

export interface MemoryOptions {
  /** The model that is allocated and stepped, cut to `layers`. */
  model: ShapeName
  layers: number
  /** Tokens of the plans. */
  length: number
  /** Tokens of the step that is run; software devices are slow. */
  stepTokens: number
  /** Allocate whole models up to so many bytes. */
  allocateUpTo: number
}

export interface MemoryReport {
  device: string
  models: PlannedModel[]
  stepped: StepInMemory
}

export async function benchMemory(gpu: Gpu, _work: Work, options: MemoryOptions): Promise<MemoryReport> {
  const models = (['nf4', 'q4_k', 'q4_1'] as const).flatMap((format) =>
    (Object.keys(memoryLimits) as ShapeName[]).filter((name) => format !== 'q4_k' || shapes[name].hiddenSize % 256 === 0).map((name) => planModel(gpu, name, shapes[name], options.length, format)))
  for (const planned of models) {
    if (planned.format === 'nf4' && planned.total <= options.allocateUpTo) planned.requested = await requestWhole(gpu, shapes[planned.model as ShapeName], options.length)
  }
  return { device: gpu.name, models, stepped: await stepInMemory(gpu, options) }
}

/** Places a whole model (all zeros) and loads its plans. @returns the bytes that WebGPU was asked for. */
async function requestWhole(gpu: Gpu, config: ModelConfig, length: number): Promise<number> {
  const before = gpu.memory.now
  const executor = new WebGpuExecutor({ gpu })
  for (const [name, shape] of expectedTensors(config)) {
    const format = shape.length > 1 ? 'nf4' : 'f32'
    executor.placeWeight(name, { format, shape, bytes: new Uint8Array(packedBytes(format, shape)) })
  }
  executor.allocate([{ name: 'rope.frequencies', shape: [config.headDim / 2], dtype: 'float32', role: 'constant' }])
  const { step, update } = plans(config, layoutOfSettings(config, lora), length)
  const loaded = [await executor.load(step), await executor.load(update)]
  const requested = gpu.memory.now - before
  for (const plan of loaded) plan.dispose()
  executor.dispose()
  return requested
}

/** A model cut to a few layers: its plan of `length` tokens really allocated, and a step of `stepTokens` run. */
async function stepInMemory(gpu: Gpu, { model, layers, length, stepTokens }: MemoryOptions): Promise<StepInMemory> {
  const config: ModelConfig = { ...shapes[model], layers, windows: new Array<null>(layers).fill(null) }
  const planned = planModel(gpu, `${model}, ${layers} layers`, config, length)
  const layout = layoutOfSettings(config, lora)
  const before = gpu.memory.now
  const executor = new WebGpuExecutor({ gpu })
  const stepper = new Stepper(placeSyntheticModel(config, executor, 'nf4'), {
    layout, a: new Float32Array(layout.sizeA).fill(1e-3), b: new Float32Array(layout.sizeB).fill(1e-3),
  }, { gradientCheckpointing: true })
  const long = await executor.load(plans(config, layout, length).step)
  const requested = gpu.memory.now - before
  long.dispose()
  const ids = Array.from({ length: stepTokens }, (_, i) => (i * 7919) % config.vocabularySize)
  const start = performance.now()
  const { loss, gradientNorm } = await stepper.run([layOut([[{ ids, labels: ids }]], stepTokens)], {
    learningRate: 1e-3, loraPlusRatio: 1, weightDecay: 0, clip: 1, seed: 0,
  })
  const milliseconds = performance.now() - start
  stepper.dispose()
  executor.dispose()
  return { planned, requested, stepTokens, milliseconds, loss, gradientNorm }
}
