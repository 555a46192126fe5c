import { floatReader, floatType } from '../operand.ts'
import { literal } from '../sizes.ts'
import { wordsOf } from './deviceFormat.ts'
import type { DeviceFormat } from './deviceFormat.ts'

export const f32: DeviceFormat = {
  type: floatType,
  words: (rows, columns) => rows * columns,
  rowStep: () => 1,
  pack: (bytes, [, columns], first, count) => wordsOf(bytes, first * columns * 4, (first + count) * columns * 4),
  reader: (name, _part, columns, size) => floatReader(name, columns, size),
}

export const f16 = halves((pair) => `vec4f(unpack2x16float(${pair}.x), unpack2x16float(${pair}.y))`)

export const bf16 = halves((pair) =>
  `bitcast<vec4f>(vec4u(${pair}.x << 16u, ${pair}.x & 0xffff0000u, ${pair}.y << 16u, ${pair}.y & 0xffff0000u))`)

/** Two bytes a value: four values are two words. */
function halves(widen: (pair: string) => string): DeviceFormat {
  return {
    type: () => 'array<vec2u>',
    words: (rows, columns) => (rows * columns) / 2,
    rowStep: () => 1,
    pack: (bytes, [, columns], first, count) => wordsOf(bytes, first * columns * 2, (first + count) * columns * 2),
    reader: (name, _part, columns, size = literal) => `fn ${name}_at(row: u32, column: u32) -> vec4f {
  let pair = ${name}[row * ${size(columns / 4)} + column / 4u];
  return ${widen('pair')};
}`,
  }
}
