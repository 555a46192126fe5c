/** GGUF's blocks as weights/formats/ggml.ts describes them, read inside kernels. */
import { blockFormat, signedBytes, unsignedBytes } from './deviceFormat.ts'

/** The scale's two bytes into a word of their own, then the rest. */
function scaleFirst(size: number) {
  return (from: Uint8Array, at: number, to: Uint8Array, toAt: number): void => {
    to.set(from.subarray(at, at + 2), toAt)
    to.set(from.subarray(at + 2, at + size), toAt + 4)
  }
}

/** Low or high nibbles of a word, as four bytes. */
const nibbles = (word: string, high: string) => unsignedBytes(`((${word} >> select(0u, 4u, ${high})) & 0x0f0f0f0fu)`)

export const q8_0 = blockFormat({
  values: 32, bytes: 34, words: 9, copy: scaleFirst(34),
  read: (w) => `return unpack2x16float(${w}[i]).x * ${signedBytes(`${w}[i + 1u + c / 4u]`)};`,
})

export const q4_0 = blockFormat({
  values: 32, bytes: 18, words: 5, copy: scaleFirst(18),
  read: (w) => `return unpack2x16float(${w}[i]).x * (${nibbles(`${w}[i + 1u + (c % 16u) / 4u]`, 'c >= 16u')} - 8f);`,
})

export const q4_1 = blockFormat({
  values: 32, bytes: 20, words: 5, copy: null,
  read: (w) => `let scale = unpack2x16float(${w}[i]);
  return scale.x * ${nibbles(`${w}[i + 1u + (c % 16u) / 4u]`, 'c >= 16u')} + scale.y;`,
})

/** Words: d and dmin, 12 bytes of 6-bit scales and minima, 32 words of nibbles. */
export const q4_k = blockFormat({
  values: 256, bytes: 144, words: 36, copy: null,
  read: (w) => `let d = unpack2x16float(${w}[i]);
  let group = c / 32u;
  let shift = (group % 4u) * 8u;
  let low = ${w}[i + 1u] >> shift;
  let middle = ${w}[i + 2u] >> shift;
  let high = ${w}[i + 3u] >> shift;
  let scale = select((high & 15u) | ((low >> 2u) & 48u), low & 63u, group < 4u);
  let minimum = select(((high >> 4u) & 15u) | ((middle >> 2u) & 48u), middle & 63u, group < 4u);
  let q = ${nibbles(`${w}[i + 4u + (group / 2u) * 8u + (c % 32u) / 4u]`, '(group & 1u) == 1u')};
  return d.x * f32(scale) * q - d.y * f32(minimum);`,
})

/** Words: 32 of low nibbles, 16 of high pairs, 4 of signed scales, d. */
export const q6_k = blockFormat({
  values: 256, bytes: 210, words: 53,
  copy: (from, at, to, toAt) => to.set(from.subarray(at, at + 210), toAt),
  read: (w) => `let part = c / 128u;
  let run = (c / 32u) % 4u;
  let j = (c % 32u) / 4u;
  let low = (${w}[i + part * 16u + (run % 2u) * 8u + j] >> select(0u, 4u, run >= 2u)) & 0x0f0f0f0fu;
  let high = (${w}[i + 32u + part * 8u + j] >> (2u * run)) & 0x03030303u;
  let scale = f32((i32(${w}[i + 48u + c / 64u]) << (24u - ((c / 16u) % 4u) * 8u)) >> 24u);
  return unpack2x16float(${w}[i + 52u]).x * scale * (${unsignedBytes('(low | (high << 4u))')} - 32f);`,
})
