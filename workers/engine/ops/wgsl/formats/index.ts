import { unpack } from '../../../weights/formats/index.ts'
import type { PackedTensor, WeightFormat } from '../../../weights/packedTensor.ts'
import type { DeviceFormat } from './deviceFormat.ts'
import { bf16, f16, f32 } from './float.ts'
import { q4_0, q4_1, q4_k, q6_k, q8_0 } from './ggml.ts'
import { int8 } from './int8.ts'
import { nf4 } from './nf4.ts'

export const deviceFormats: Readonly<Record<WeightFormat, DeviceFormat>> = {
  f32, f16, bf16, q8_0, q4_0, q4_1, q4_k, q6_k, nf4, int8,
}

/** The format in which kernels read a weight: its own, or f32 for vectors (norms, biases) and rows that do not divide into fours. */
export function formatOnDevice(format: WeightFormat, shape: readonly number[]): WeightFormat {
  return shape.length < 2 || shape.at(-1)! % 4 ? 'f32' : format
}

/** A weight in the format in which kernels read it. */
export function placeOnDevice(tensor: PackedTensor): PackedTensor {
  const { format, shape } = tensor
  if (formatOnDevice(format, shape) === format) return tensor
  const values = unpack(tensor)
  return { format: 'f32', shape, bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) }
}
