/**
 * What a training run will keep in memory, from configuration and settings
 * alone: nothing has to be loaded or allocated to know it.
 */
import type { Backend, MemoryPlan } from '../../protocol.ts'
import type { GpuCapabilities } from '../backend/device.ts'
import { layoutOfSettings } from '../lora/layout.ts'
import type { LoraSettings } from '../lora/settings.ts'
import type { ModelConfig } from '../model/config.ts'
import type { WeightFormats } from '../model/decoderContext.ts'
import { memoryOf } from '../plan/memory.ts'
import { planOptimizer } from '../plan/optimizer.ts'
import { planTraining } from '../plan/training.ts'
import type { TrainingPlanOptions } from '../plan/training.ts'
import { tfjsScratch } from '../plan/execute/tfjsMemory.ts'
import { keepsFloats, plannedWasmMemory } from '../plan/execute/wasm/plannedMemory.ts'
import { plannedMemory } from '../plan/execute/webgpu/plannedMemory.ts'
import { parameterCount } from '../weights/expectedTensors.ts'
import type { TrainingSettings } from './settings.ts'

export interface PlannedRun {
  lora: LoraSettings
  training: Pick<TrainingSettings, 'batchSize' | 'gradientCheckpointing'>
  /** Tokens of a sequence. */
  length: number
  /** How the base's tensors are packed, by name; its headers tell. */
  formats: WeightFormats
}

export interface DeviceLimits {
  /** Bytes that may be taken; Infinity when unknown. */
  budget: number
  /** Threads on WebAssembly. */
  threads?: number
  /** Of the GPU: they decide which kernels run, and with how much scratch memory. */
  capabilities?: GpuCapabilities
}

/** The run does not fit into the memory that may be taken; its advice is what would make it fit. */
export class MemoryPlanError extends Error {
  override readonly name = 'MemoryPlanError'
  readonly advice: string
  constructor({ total, advice }: MemoryPlan, budget: number) {
    super(`Training would take ${inWords(total)}, and ${inWords(budget)} may be taken.`)
    this.advice = advice ?? ''
  }
}

/** The memory that a run takes on a backend, by part, and where it does not fit the change that would make it fit. */
export function memoryPlanFor(config: ModelConfig, run: PlannedRun, backend: Backend, limits: DeviceLimits): MemoryPlan {
  const plan = measure(config, run, backend, limits)
  if (plan.total <= limits.budget) return plan
  return { ...plan, advice: advice(config, run, backend, limits) }
}

function measure(config: ModelConfig, { lora, training, length, formats }: PlannedRun, backend: Backend, limits: DeviceLimits): MemoryPlan {
  const adapter = { id: 'train', layout: layoutOfSettings(config, lora), dropout: lora.dropout }
  const batch = { rows: training.batchSize, length, targets: training.batchSize * length }
  const options = { config, adapter, formats, batch, gradientCheckpointing: training.gradientCheckpointing }
  const parts = backend === 'webgpu' ? onWebGpu(options, limits.capabilities) : backend === 'wasm' ? onWasm(options, limits) : onTfjs(options)
  return { ...parts, total: Object.values(parts).reduce((sum, bytes) => sum + bytes, 0) }
}

type Parts = Omit<MemoryPlan, 'total' | 'advice'>

/** Exactly what the executor will ask WebGPU for, with the tiles of a device that was not tuned. */
function onWebGpu(options: TrainingPlanOptions, capabilities = plainGpu): Parts {
  const step = plannedMemory(planTraining(options), capabilities)
  const update = plannedMemory(planOptimizer(options.adapter), capabilities)
  const { weight = 0, constant = 0, adapter = 0, gradient = 0, state = 0 } = step.resident
  return {
    weights: weight + constant, adapter, optimizer: gradient + state + (update.resident.moment ?? 0),
    activations: step.activations, scratch: step.own + update.own + update.activations,
  }
}

const plainGpu: GpuCapabilities = { f16: false, subgroups: null, subgroupMatrix: [], timestamps: false, software: false }

/** Exactly what the executor will take of its memory. */
function onWasm(options: TrainingPlanOptions, { budget, threads = 1 }: DeviceLimits): Parts {
  const unpacked = keepsFloats(parameterCount(options.config), budget)
  const step = plannedWasmMemory(planTraining(options), unpacked)
  const update = plannedWasmMemory(planOptimizer(options.adapter), unpacked)
  const { weight = 0, constant = 0, adapter = 0, gradient = 0, state = 0 } = step.resident
  return {
    weights: weight + constant, adapter, optimizer: gradient + state + (update.resident.moment ?? 0),
    activations: Math.max(step.arena, update.arena), scratch: step.own + update.own + threads * Math.max(step.scratch, update.scratch),
  }
}

function onTfjs(options: TrainingPlanOptions): Parts {
  const step = memoryOf(planTraining(options), true)
  const { resident: { moment = 0 } } = memoryOf(planOptimizer(options.adapter), true)
  const { weight = 0, constant = 0, adapter = 0, gradient = 0, state = 0 } = step.resident
  return { weights: weight + constant, adapter, optimizer: gradient + moment + state, activations: step.peak, scratch: tfjsScratch(options) }
}

/** Changes in the order in which they cost least, the first that fits. */
function advice(config: ModelConfig, run: PlannedRun, backend: Backend, limits: DeviceLimits): string {
  const { training, length } = run
  const fits = (change: Partial<PlannedRun>): boolean => measure(config, { ...run, ...change }, backend, limits).total <= limits.budget
  const checkpointed = { ...training, gradientCheckpointing: true }
  if (!training.gradientCheckpointing && fits({ training: checkpointed })) return 'Switch gradient checkpointing on.'
  for (let batchSize = training.batchSize >> 1; batchSize >= 1; batchSize >>= 1) {
    if (fits({ training: { ...checkpointed, batchSize } })) return `Switch gradient checkpointing on and train ${batchSize === 1 ? 'one sequence' : `${batchSize} sequences`} at once.`
  }
  for (let shorter = length >> 1; shorter >= 64; shorter >>= 1) {
    if (fits({ training: { ...checkpointed, batchSize: 1 }, length: shorter })) {
      return `Switch gradient checkpointing on, train one sequence at once and shorten the context to ${shorter} tokens.`
    }
  }
  return 'Choose a smaller base model or one in 4-bit format.'
}

function inWords(n: number): string {
  return n >= 1e9 ? `${(n / 1e9).toFixed(1)} GB` : `${Math.ceil(n / 1e6)} MB`
}
