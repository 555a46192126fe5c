import type { MemoryPlan } from '../../protocol.ts'
import { layoutOfSettings } from '../lora/layout.ts'
import type { LoraSettings } from '../lora/settings.ts'
import type { ModelConfig } from '../model/config.ts'
import type { WeightFormats } from '../model/decoderContext.ts'
import { headPieces } from '../plan/headPieces.ts'
import { memoryOf } from '../plan/memory.ts'
import { planTraining } from '../plan/training.ts'
import type { TrainingSettings } from './settings.ts'

export interface MemoryPlanOptions {
  config: ModelConfig
  formats: WeightFormats
  lora: LoraSettings
  training: Pick<TrainingSettings, 'batchSize' | 'gradientCheckpointing'>
  /** Tokens of a row. */
  length: number
  /** Weights are kept as float32 whatever their file's format (WASM, CPU). */
  unpacked: boolean
  /** Bytes that the device offers; Infinity when unknown. */
  budget: number
}

/** What a training run will keep in memory, per part, and what would make it fit where it does not. */
export function planMemory(options: MemoryPlanOptions): MemoryPlan {
  const plan = measure(options)
  if (plan.total <= options.budget) return plan
  return { ...plan, advice: advice(options, plan.total) }
}

function measure({ config, formats, lora, training, length, unpacked }: MemoryPlanOptions): MemoryPlan {
  const layout = layoutOfSettings(config, lora)
  const tokens = training.batchSize * length
  const adapter = { id: 'train', layout, dropout: lora.dropout }
  const batch = { rows: training.batchSize, length, targets: tokens }
  const { resident, peak } = memoryOf(planTraining({ config, adapter, formats, batch, gradientCheckpointing: training.gradientCheckpointing }), unpacked)
  const parameters = 4 * (layout.sizeA + layout.sizeB)
  const scratch = 4 * tokens * Math.ceil(config.vocabularySize / headPieces(config.vocabularySize, tokens))
  const weights = (resident.weight ?? 0) + (resident.constant ?? 0)
  // The gradient, and Adam's two moments.
  const optimizer = 3 * parameters
  return { weights, adapter: parameters, optimizer, activations: peak, scratch, total: weights + parameters + optimizer + peak + scratch }
}

/** Changes in the order in which they cost least, the first that fits. */
function advice(options: MemoryPlanOptions, total: number): string {
  const { training, length, budget } = options
  const fits = (change: Partial<MemoryPlanOptions>): boolean => measure({ ...options, ...change }).total <= budget
  const checkpointed = { ...training, gradientCheckpointing: true }
  const short = `${bytes(total)} are needed, ${bytes(budget)} are there.`
  if (!training.gradientCheckpointing && fits({ training: checkpointed })) return `${short} Switch gradient checkpointing on.`
  for (let batchSize = training.batchSize >> 1; batchSize >= 1; batchSize >>= 1) {
    if (fits({ training: { ...checkpointed, batchSize } })) return `${short} Switch gradient checkpointing on and train ${batchSize === 1 ? 'one sequence' : `${batchSize} sequences`} at once.`
  }
  for (let shorter = length >> 1; shorter >= 64; shorter >>= 1) {
    if (fits({ training: { ...checkpointed, batchSize: 1 }, length: shorter })) {
      return `${short} Switch gradient checkpointing on, train one sequence at once and shorten the context to ${shorter} tokens.`
    }
  }
  return `${short} Choose a smaller base model or one in 4-bit format.`
}

function bytes(n: number): string {
  return n >= 2 ** 30 ? `${(n / 2 ** 30).toFixed(1)} GiB` : `${Math.ceil(n / 2 ** 20)} MiB`
}
