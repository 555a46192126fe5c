import type { TrainingSettings } from './settings.ts'

/**
 * The learning rate of step `step` (from 0): a linear warmup, then constant,
 * linear to zero, or half a cosine to zero over the remaining steps.
 */
export function learningRate(step: number, { steps, learningRate: peak, warmupSteps: warmup, schedule }: Pick<TrainingSettings, 'steps' | 'learningRate' | 'warmupSteps' | 'schedule'>): number {
  if (step < warmup) return (peak * (step + 1)) / warmup
  const progress = (step - warmup) / Math.max(1, steps - warmup)
  switch (schedule) {
    case 'constant': return peak
    case 'linear': return peak * (1 - progress)
    case 'cosine': return (peak * (1 + Math.cos(Math.PI * progress))) / 2
    default: return schedule satisfies never
  }
}
