import { scoresOfBlock } from '../../ops/attention/blocks.ts'
import { headPieces } from '../headPieces.ts'
import type { TrainingPlanOptions } from '../training.ts'

/**
 * Whether a base is unpacked to float32 for as long as it stays: with the copy
 * that XNNPACK keeps of it, it must leave a quarter of the memory.
 */
export function fitsUnpacked(parameters: number, budget: number): boolean {
  return 8 * parameters < 0.75 * budget
}

/** What tfjs's operations take besides a plan's own buffers: the most of one for a while, and what those of a run share, in bytes. */
export function tfjsScratch({ config, adapter, batch }: TrainingPlanOptions): number {
  const { vocabularySize, hiddenSize, intermediateSize, heads } = config
  const { rows, length, targets } = batch
  const tokens = rows * length
  const piece = Math.ceil(vocabularySize / headPieces(vocabularySize, targets))
  // The piece of the head, its logits, their exponentials and one of them transposed.
  const head = piece * (hiddenSize + 3 * targets)
  // Scores, with the mask, their softmax, and two gradients; queries, keys and values rearranged.
  const attention = 5 * scoresOfBlock({ rows, heads, length }) + 6 * tokens * heads * config.headDim
  // A product's result before and after it is transposed, with the residual added, and LoRA's part.
  const feedForward = 4 * tokens * intermediateSize
  const masks = rows * length * length
  const dropped = adapter.dropout ? tokens * adapter.layout.modules.reduce((sum, module) => sum + module.in, 0) : 0
  return 4 * (Math.max(head, attention, feedForward) + masks + dropped)
}
