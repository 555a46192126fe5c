import { literal } from '../sizes.ts'
import { signedBytes } from './deviceFormat.ts'
import type { DeviceFormat } from './deviceFormat.ts'

/** Signed bytes, then one float32 scale per row. */
export const int8: DeviceFormat = {
  type: () => 'array<u32>',
  words: (rows, columns) => (rows * columns) / 4 + rows,
  rowStep: () => 1,
  pack: (bytes, [rows, columns], first, count) => {
    const out = new Uint8Array(count * (columns + 4))
    out.set(bytes.subarray(first * columns, (first + count) * columns))
    const scales = rows * columns + first * 4
    out.set(bytes.subarray(scales, scales + count * 4), count * columns)
    return new Uint32Array(out.buffer)
  },
  reader: (name, { count }, columns, size = literal) => `fn ${name}_at(row: u32, column: u32) -> vec4f {
  let scale = bitcast<f32>(${name}[${size((count * columns) / 4)} + row]);
  return scale * ${signedBytes(`${name}[(row * ${size(columns)} + column) / 4u]`)};
}`,
}
