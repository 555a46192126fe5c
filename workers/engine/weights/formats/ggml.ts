/**
 * GGUF's block formats, as ggml lays them out (ggml-common.h). A block is a
 * half-precision scale, sometimes a minimum, then small integers.
 */
import { halfTable, toHalf } from './half.ts'

/** 32 values: half scale d, 32 signed bytes q; value = d·q. */
export function unpackQ8_0(bytes: Uint8Array, out: Float32Array): void {
  const half = halfTable()
  for (let at = 0, to = 0; to < out.length; at += 34) {
    const d = half[bytes[at] | (bytes[at + 1] << 8)]
    for (let i = 0; i < 32; i++) out[to++] = d * ((bytes[at + 2 + i] << 24) >> 24)
  }
}

/** 32 values: half scale d, 16 bytes of nibbles (low ones first); value = d·(q - 8). */
export function unpackQ4_0(bytes: Uint8Array, out: Float32Array): void {
  const half = halfTable()
  for (let at = 0, to = 0; to < out.length; at += 18, to += 32) {
    const d = half[bytes[at] | (bytes[at + 1] << 8)]
    for (let i = 0; i < 16; i++) {
      const q = bytes[at + 2 + i]
      out[to + i] = d * ((q & 15) - 8)
      out[to + 16 + i] = d * ((q >> 4) - 8)
    }
  }
}

/** 32 values: half scale d, half minimum m, 16 bytes of nibbles; value = d·q + m. */
export function unpackQ4_1(bytes: Uint8Array, out: Float32Array): void {
  const half = halfTable()
  for (let at = 0, to = 0; to < out.length; at += 20, to += 32) {
    const d = half[bytes[at] | (bytes[at + 1] << 8)]
    const m = half[bytes[at + 2] | (bytes[at + 3] << 8)]
    for (let i = 0; i < 16; i++) {
      const q = bytes[at + 4 + i]
      out[to + i] = d * (q & 15) + m
      out[to + 16 + i] = d * (q >> 4) + m
    }
  }
}

/**
 * 256 values in 8 groups of 32: half d, half dmin, 12 bytes holding a 6-bit
 * scale and a 6-bit minimum per group, 128 bytes of nibbles;
 * value = d·scale·q - dmin·minimum.
 */
export function unpackQ4_K(bytes: Uint8Array, out: Float32Array): void {
  const half = halfTable()
  for (let at = 0, to = 0; to < out.length; at += 144, to += 256) {
    const d = half[bytes[at] | (bytes[at + 1] << 8)]
    const dmin = half[bytes[at + 2] | (bytes[at + 3] << 8)]
    for (let group = 0; group < 8; group++) {
      const [scale, minimum] = scaleAndMinimum(bytes, at + 4, group)
      const factor = d * scale
      const shift = dmin * minimum
      const quants = at + 16 + (group >> 1) * 32
      for (let i = 0; i < 32; i++) {
        const q = group & 1 ? bytes[quants + i] >> 4 : bytes[quants + i] & 15
        out[to + group * 32 + i] = factor * q - shift
      }
    }
  }
}

/** The first four groups' 6 bits lie plain; the others' low 4 bits apart from their high 2. */
function scaleAndMinimum(bytes: Uint8Array, at: number, group: number): [number, number] {
  if (group < 4) return [bytes[at + group] & 63, bytes[at + group + 4] & 63]
  const low = bytes[at + group + 4]
  return [(low & 15) | ((bytes[at + group - 4] >> 6) << 4), (low >> 4) | ((bytes[at + group] >> 6) << 4)]
}

/**
 * 256 values in 16 groups of 16: 128 bytes of low nibbles, 64 bytes of high
 * bit pairs, 16 signed scales, half d; value = d·scale·(q - 32).
 */
export function unpackQ6_K(bytes: Uint8Array, out: Float32Array): void {
  const half = halfTable()
  for (let at = 0, to = 0; to < out.length; at += 210, to += 256) {
    const d = half[bytes[at + 208] | (bytes[at + 209] << 8)]
    for (let i = 0; i < 256; i++) {
      // Each half of 128 values: four runs of 32 that share 64 low bytes and 32 high bytes.
      const part = i >> 7
      const run = (i >> 5) & 3
      const j = i & 31
      const lowByte = bytes[at + part * 64 + (run & 1) * 32 + j]
      const low = run < 2 ? lowByte & 15 : lowByte >> 4
      const high = (bytes[at + 128 + part * 32 + j] >> (2 * run)) & 3
      const scale = (bytes[at + 192 + (i >> 4)] << 24) >> 24
      out[to + i] = d * scale * ((low | (high << 4)) - 32)
    }
  }
}

/** Rounds to q8_0: the scale is the block's largest magnitude over 127. */
export function quantizeQ8_0(values: Float32Array, bytes: Uint8Array): void {
  for (let from = 0, at = 0; from < values.length; from += 32, at += 34) {
    let largest = 0
    for (let i = 0; i < 32; i++) largest = Math.max(largest, Math.abs(values[from + i]))
    const d = largest / 127
    const scale = toHalf(d)
    bytes[at] = scale & 255
    bytes[at + 1] = scale >> 8
    const inverse = d ? 1 / d : 0
    for (let i = 0; i < 32; i++) bytes[at + 2 + i] = Math.round(values[from + i] * inverse)
  }
}
