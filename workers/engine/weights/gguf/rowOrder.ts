/**
 * Files of architecture `llama` rotate neighbouring features where Hugging
 * Face's models rotate the first half against the second, so the rows of q and
 * k lie in another order: for each head, (half, j) becomes (j, half).
 */
import type { ModelConfig } from '../../model/config.ts'
import type { PackedTensor } from '../packedTensor.ts'
import type { GgufHeader } from './header.ts'

const rotated = /\.self_attn\.[qk]_proj\.(weight|bias)$/

/** Brings a tensor, named as Hugging Face does, into Hugging Face's row order. Packed rows are moved whole. */
export function restoreRowOrder(name: string, tensor: PackedTensor, { metadata }: GgufHeader, config: ModelConfig): PackedTensor {
  if (metadata.get('general.architecture') !== 'llama' || !rotated.test(name)) return tensor
  return { ...tensor, bytes: fromLlamaRowOrder(tensor.bytes, tensor.shape[0], config.headDim) }
}

/** From a `llama` file's row order into Hugging Face's. @param rows of q or k. */
export function fromLlamaRowOrder(bytes: Uint8Array, rows: number, headDim: number): Uint8Array<ArrayBuffer> {
  return moveRows(bytes, rows, headDim, (half, j) => [2 * j + half, half * (headDim / 2) + j])
}

/** The way back: Hugging Face's row order into that of a `llama` file. @param rows of q or k. */
export function toLlamaRowOrder(bytes: Uint8Array, rows: number, headDim: number): Uint8Array<ArrayBuffer> {
  return moveRows(bytes, rows, headDim, (half, j) => [half * (headDim / 2) + j, 2 * j + half])
}

function moveRows(bytes: Uint8Array, rows: number, headDim: number, move: (half: number, j: number) => [from: number, to: number]): Uint8Array<ArrayBuffer> {
  const row = bytes.length / rows
  const moved = new Uint8Array(bytes.length)
  for (let head = 0; head < rows; head += headDim) {
    for (let half = 0; half < 2; half++) {
      for (let j = 0; j < headDim / 2; j++) {
        const [from, to] = move(half, j)
        moved.set(bytes.subarray((head + from) * row, (head + from + 1) * row), (head + to) * row)
      }
    }
  }
  return moved
}
