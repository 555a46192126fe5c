/**
 * A validator's verdicts on a batch as the chain sees them: four bytes an item,
 * most significant first, item 0 being the base model without adapter.
 */
import { bytesToHex, hexToBytes, type Hex } from 'viem'

/** Verdict: cannot be loaded, over the parameter limit, no adapter of an allowed base, NaN loss, unavailable. */
export const INVALID = 0xffff_ffff
/** Verdict: none given. */
export const ABSTAIN = 0xffff_fffe
/** The worst score that can be expressed, in micro-bits per byte. */
export const MAX_SCORE = 0xffff_fffd

const ITEM_BYTES = 4

/**
 * Packs verdicts into bytes.
 * @throws RangeError when one is no unsigned 32-bit integer.
 */
export function packScores(scores: readonly number[]): Hex {
  const bytes = new Uint8Array(scores.length * ITEM_BYTES)
  const view = new DataView(bytes.buffer)
  scores.forEach((score, index) => {
    if (!Number.isInteger(score) || score < 0 || score > INVALID) {
      throw new RangeError(`Score ${score} of item ${index} is no unsigned 32-bit integer.`)
    }
    view.setUint32(index * ITEM_BYTES, score)
  })
  return bytesToHex(bytes)
}

/**
 * The verdicts of a packed vector.
 * @throws RangeError when its length is no multiple of four bytes.
 */
export function unpackScores(packed: Hex): number[] {
  const bytes = hexToBytes(packed)
  if (bytes.byteLength % ITEM_BYTES !== 0) throw new RangeError(`${bytes.byteLength} bytes are no score vector.`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: bytes.byteLength / ITEM_BYTES }, (_, index) => view.getUint32(index * ITEM_BYTES))
}
