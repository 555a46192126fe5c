import type { LoraSettings, MemoryPlan, ModelDescription, ModelSource, TrainingSettings, Backend } from '../../workers/protocol.ts'
import { askModels } from './models/modelsWorker.ts'

export interface PlannedRun {
  memory: MemoryPlan
  /** Bytes that may be taken on that backend. */
  budget: number
  description: ModelDescription
  backend: Backend
  trainable: number
}

const LIMIT_KEY = 'lanista.memoryLimit'
/** Share of the computer's memory that a tab is expected to get without disturbing the rest. */
const SHARE = 0.5
/** Where the browser tells nothing. */
const UNKNOWN_GIB = 8

/** Bytes that training may take: the person's own limit, or half of what the browser says the computer has. */
export function memoryLimit(): { bytes: number; why: 'own' | 'told' | 'guessed' } {
  const own = Number(localStorage.getItem(LIMIT_KEY))
  if (own > 0) return { bytes: own, why: 'own' }
  const told = (navigator as { deviceMemory?: number }).deviceMemory
  return { bytes: (told ?? UNKNOWN_GIB) * SHARE * 2 ** 30, why: told ? 'told' : 'guessed' }
}

/** @param bytes null: back to the estimate. */
export function setMemoryLimit(bytes: number | null): void {
  if (bytes) localStorage.setItem(LIMIT_KEY, String(Math.round(bytes)))
  else localStorage.removeItem(LIMIT_KEY)
}

/**
 * What a run would take, from the model's configuration and headers; nothing is downloaded as a whole or allocated.
 * @throws EngineError
 */
export async function planRun(
  model: ModelSource, settings: { lora: LoraSettings; training: TrainingSettings }, contextLength: number, budget: number, signal: AbortSignal,
): Promise<PlannedRun> {
  const { batchSize, gradientCheckpointing } = settings.training
  return askModels({ type: 'plan', model, lora: settings.lora, training: { batchSize, gradientCheckpointing }, contextLength, budget }, { signal })
}
