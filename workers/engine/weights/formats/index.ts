import { WeightsError } from '../source.ts'
import { packedBytes, valueCount } from '../packedTensor.ts'
import type { WeightFormat, PackedTensor } from '../packedTensor.ts'
import { quantizeQ8_0, unpackQ4_0, unpackQ4_1, unpackQ4_K, unpackQ6_K, unpackQ8_0 } from './ggml.ts'
import { unpackBf16, unpackF16, unpackF32 } from './half.ts'
import { quantizeInt8, unpackInt8 } from './int8.ts'
import { quantizeNf4, unpackNf4 } from './nf4.ts'

/**
 * A packed tensor's values.
 *
 * @returns `valueCount(shape)` numbers, row-major.
 * @throws {WeightsError} when the bytes are not as many as format and shape need.
 */
export function unpack({ format, shape, bytes }: PackedTensor): Float32Array<ArrayBuffer> {
  const expected = packedBytes(format, shape)
  if (bytes.length !== expected) {
    throw new WeightsError(`A ${format} tensor of shape [${shape.join(', ')}] takes ${expected} bytes, ${bytes.length} are given.`)
  }
  const out = new Float32Array(valueCount(shape))
  switch (format) {
    case 'f32': unpackF32(bytes, out); break
    case 'f16': unpackF16(bytes, out); break
    case 'bf16': unpackBf16(bytes, out); break
    case 'q8_0': unpackQ8_0(bytes, out); break
    case 'q4_0': unpackQ4_0(bytes, out); break
    case 'q4_1': unpackQ4_1(bytes, out); break
    case 'q4_k': unpackQ4_K(bytes, out); break
    case 'q6_k': unpackQ6_K(bytes, out); break
    case 'nf4': unpackNf4(bytes, out); break
    case 'int8': unpackInt8(bytes, out, shape.at(-1)!); break
    default: format satisfies never
  }
  return out
}

/** Formats that a float tensor can be rounded to here. */
export type QuantizedFormat = Extract<WeightFormat, 'q8_0' | 'int8' | 'nf4'>

/** Rounds a tensor of any format to fewer bits; `shape` stays. */
export function quantize(tensor: PackedTensor, format: QuantizedFormat): PackedTensor {
  const { shape } = tensor
  const bytes = new Uint8Array(packedBytes(format, shape))
  const values = unpack(tensor)
  switch (format) {
    case 'q8_0': quantizeQ8_0(values, bytes); break
    case 'int8': quantizeInt8(values, bytes, shape.at(-1)!); break
    case 'nf4': quantizeNf4(values, bytes); break
    default: format satisfies never
  }
  return { format, shape, bytes }
}
