/** IEEE 754 half precision and bfloat16, both ways. */

let table: Float32Array | null = null

/** The value of every half-precision bit pattern; 256 KiB, made on first use. */
export function halfTable(): Float32Array {
  table ??= Float32Array.from({ length: 65536 }, (_, bits) => {
    const sign = bits & 0x8000 ? -1 : 1
    const exponent = (bits >> 10) & 31
    const fraction = bits & 1023
    if (exponent === 31) return fraction ? NaN : sign * Infinity
    if (exponent === 0) return sign * fraction * 2 ** -24
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
  })
  return table
}

const float = new Float32Array(1)
const bits = new Uint32Array(float.buffer)

/** The half-precision bits nearest to a number, ties to even. */
export function toHalf(value: number): number {
  float[0] = value
  const sign = (bits[0] >>> 16) & 0x8000
  const magnitude = bits[0] & 0x7fffffff
  if (magnitude > 0x7f800000) return sign | 0x7e00
  if (magnitude >= 0x477ff000) return sign | 0x7c00
  if (magnitude >= 0x38800000) return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13)
  // Subnormal halves count in steps of 2^-24; the addition rounds ties to even.
  float[0] = Math.abs(value) + 0.5
  return sign | (bits[0] - 0x3f000000)
}

export function unpackF16(bytes: Uint8Array, out: Float32Array): void {
  const values = halfTable()
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let i = 0; i < out.length; i++) out[i] = values[view.getUint16(2 * i, true)]
}

export function unpackBf16(bytes: Uint8Array, out: Float32Array): void {
  const words = new Uint32Array(out.buffer, out.byteOffset, out.length)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let i = 0; i < out.length; i++) words[i] = view.getUint16(2 * i, true) << 16
}

export function unpackF32(bytes: Uint8Array, out: Float32Array): void {
  new Uint8Array(out.buffer, out.byteOffset, out.byteLength).set(bytes)
}
