import type { WeightFormat } from '../packedTensor.ts'

/** ggml's numbers of the tensor types that are known here (ggml.h, `enum ggml_type`). */
export const ggmlTypes: ReadonlyMap<number, WeightFormat> = new Map([
  [0, 'f32'], [1, 'f16'], [2, 'q4_0'], [3, 'q4_1'], [8, 'q8_0'], [12, 'q4_k'], [14, 'q6_k'], [30, 'bf16'],
])

/** Numbers of the types of metadata values. */
export const valueTypes = {
  u8: 0, i8: 1, u16: 2, i16: 3, u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9, u64: 10, i64: 11, f64: 12,
} as const
