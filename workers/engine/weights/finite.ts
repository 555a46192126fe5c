import { unpackF32 } from './formats/half.ts'
import { nf4Parts } from './formats/nf4.ts'
import { blockLayout, valueCount } from './packedTensor.ts'
import type { PackedTensor } from './packedTensor.ts'

/** Byte offsets, in a block, of the half-precision numbers of each block format. */
const halvesInBlock = { f16: [0], q8_0: [0], q4_0: [0], q4_1: [0, 2], q4_k: [0, 2], q6_k: [208] } as const

/**
 * The index of the first number in a packed tensor that is NaN or infinite
 * (a value, or the scale of a block), or null. Looks at bits only: nothing is
 * unpacked.
 */
export function firstNotFinite({ format, shape, bytes }: PackedTensor): number | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  switch (format) {
    case 'f32': return firstFloat(bytes)
    case 'bf16': return firstHalf(view, 2, [0], 0x7f80)
    case 'nf4': return firstFloat(bytes.subarray(nf4Parts(valueCount(shape)).scales))
    case 'int8': return firstFloat(bytes.subarray(valueCount(shape)))
    default: return firstHalf(view, blockLayout[format].bytes, halvesInBlock[format], 0x7c00)
  }
}

function firstHalf(view: DataView, stride: number, offsets: readonly number[], exponent: number): number | null {
  for (let at = 0; at < view.byteLength; at += stride) {
    for (const offset of offsets) {
      if ((view.getUint16(at + offset, true) & exponent) === exponent) return at / stride
    }
  }
  return null
}

function firstFloat(bytes: Uint8Array): number | null {
  const aligned = bytes.byteOffset % 4 === 0
  const values = aligned ? new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2) : copy(bytes)
  // A sum is finite as long as all of its parts are and it does not overflow; look closer only then.
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]
  if (Number.isFinite(sum)) return null
  const index = values.findIndex((value) => !Number.isFinite(value))
  return index < 0 ? null : index
}

function copy(bytes: Uint8Array): Float32Array {
  const values = new Float32Array(bytes.byteLength >> 2)
  unpackF32(bytes, values)
  return values
}
