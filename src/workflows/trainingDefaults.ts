import type { TaskSpec } from '../arena/taskSpec.ts'
import { loraSettingsSchema, trainingSettingsSchema, type LoraSettings, type TrainingSettings } from '../../workers/protocol.ts'

/** Settings to start from: what the creator found to work, or what usually does. */
export function trainingDefaults(spec: TaskSpec): { lora: LoraSettings; training: TrainingSettings } {
  const advice = spec.recommended ?? {}
  const { rank = 8, alpha = 16, targetModules = 'all-linear', learningRate = 2e-4, steps = 200, batchSize = 4, ...rest } = advice
  return {
    lora: loraSettingsSchema.parse({ rank, alpha, targetModules }),
    training: trainingSettingsSchema.parse({
      learningRate, steps, batchSize, ...rest,
      checkpointEvery: rest.evaluateEvery ?? 20,
      seed: crypto.getRandomValues(new Uint32Array(1))[0]! % 1_000_000,
    }),
  }
}
