/** What tfjs's operations take besides a plan's own buffers. */
import type { Backend } from '../../../protocol.ts'
import { scoresOfBlock } from '../../ops/attention/blocks.ts'
import { expectedTensors } from '../../weights/expectedTensors.ts'
import { headPieces } from '../headPieces.ts'
import { sizeOf } from '../plan.ts'
import type { TrainingPlanOptions } from '../training.ts'

/**
 * Whether a base is unpacked to float32 for as long as it stays: with the copy
 * that WebAssembly's products keep of it, it must leave a quarter of the memory.
 */
export function fitsUnpacked(parameters: number, budget: number): boolean {
  return 8 * parameters < 0.75 * budget
}

export interface TfjsMemory {
  /** Bytes of further copies of weights. */
  copies: number
  /** The most that one operation takes for a while, in bytes, and what operations of a run share. */
  scratch: number
}

export function tfjsMemory({ config, adapter, batch }: TrainingPlanOptions, backend: Backend, unpacked: boolean): TfjsMemory {
  const { vocabularySize, hiddenSize, intermediateSize, heads } = config
  const { rows, length, targets } = batch
  const tokens = rows * length
  const matrices = [...expectedTensors(config).values()].filter((shape) => shape.length > 1).map(sizeOf)
  const piece = Math.ceil(vocabularySize / headPieces(vocabularySize, targets))
  // The piece of the head, its logits, their exponentials and one of them transposed.
  const head = piece * (hiddenSize + 3 * targets)
  // Scores, with the mask, their softmax, and two gradients; queries, keys and values rearranged.
  const attention = 5 * scoresOfBlock({ rows, heads, length }) + 6 * tokens * heads * config.headDim
  // A product's result before and after it is transposed, with the residual added, and LoRA's part.
  const feedForward = 4 * tokens * intermediateSize
  const masks = rows * length * length
  const dropped = adapter.dropout ? tokens * adapter.layout.modules.reduce((sum, module) => sum + module.in, 0) : 0
  // A packed weight is unpacked for each use, and XNNPACK keeps its own order of it meanwhile.
  const unpacking = unpacked ? 0 : (backend === 'wasm' ? 2 : 1) * Math.max(...matrices)
  return {
    copies: unpacked && backend === 'wasm' ? 4 * matrices.reduce((sum, size) => sum + size, 0) : 0,
    scratch: 4 * (Math.max(head, attention, feedForward) + masks + dropped + unpacking),
  }
}
