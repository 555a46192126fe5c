import type { PlannedAdapter } from '../../workers/engine/model/decoderContext.ts'
import type { LoadedModel } from '../../workers/engine/model/loadModel.ts'
import { planLogits } from '../../workers/engine/plan/inference.ts'

/** Logits [slots, vocabulary] of some tokens of one row. */
export async function logitsOf(model: LoadedModel, ids: ArrayLike<number>, slots: readonly number[], adapter: PlannedAdapter | null = null): Promise<Float32Array> {
  const { config, formats, executor } = model
  const plan = await executor.load(planLogits({ config, adapter, formats, batch: { rows: 1, length: ids.length, targets: slots.length } }))
  try {
    plan.write('ids', Int32Array.from(ids))
    plan.write('positions', Int32Array.from({ length: ids.length }, (_, i) => i))
    plan.write('segments', new Int32Array(ids.length))
    if (slots.length < ids.length) plan.write('slots', Int32Array.from(slots))
    await plan.run()
    return await plan.read('logits')
  } finally {
    plan.dispose()
  }
}

/** @returns infinity where the lengths or a number are not what they should be. */
export function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity
  let largest = 0
  for (let i = 0; i < actual.length; i++) {
    const difference = Math.abs(actual[i] - expected[i])
    if (!(difference <= largest)) largest = Number.isNaN(difference) ? Infinity : difference
  }
  return largest
}
