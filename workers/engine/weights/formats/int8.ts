/**
 * Eight bits with one float32 scale per row: all rows' signed bytes, then the
 * scales. value = scale[row]·q.
 */
export function unpackInt8(bytes: Uint8Array, out: Float32Array, row: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let i = 0; i < out.length; i++) {
    out[i] = view.getFloat32(out.length + 4 * Math.floor(i / row), true) * view.getInt8(i)
  }
}

/** Rounds each row of `row` values to int8; the scale is its largest magnitude over 127. */
export function quantizeInt8(values: Float32Array, bytes: Uint8Array, row: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let from = 0; from < values.length; from += row) {
    let largest = 0
    for (let i = 0; i < row; i++) largest = Math.max(largest, Math.abs(values[from + i]))
    view.setFloat32(values.length + 4 * (from / row), largest / 127, true)
    for (let i = 0; i < row; i++) view.setInt8(from + i, largest ? Math.round((values[from + i] / largest) * 127) : 0)
  }
}
