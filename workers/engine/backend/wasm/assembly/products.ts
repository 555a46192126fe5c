/**
 * Dense products in single precision. Both sides are packed block by block into
 * panels that the caches hold (Goto and van de Geijn, "Anatomy of High-Performance
 * Matrix Multiplication", 2008), so that any order of rows and columns will do.
 * Strides are in bytes; of each side's two strides one is 4.
 */
import { least } from './command'
import { blockDepth, blockRows } from './operations'
import { loadPart, multiplyAdd, storePart, sumsOf } from './vectors'

/**
 * A result tile is 4 x 8: eight accumulators keep both multipliers busy; twelve,
 * more than two pointers, or a loop written out twice make V8 lose half of the speed.
 */
const tileRows: i32 = 4
const tileColumns: i32 = 8
const rightBytes: usize = 4 * blockDepth * tileColumns

/** Even blocks of at most `limit`. */
@inline function blockOf(size: i32, limit: i32): i32 {
  const blocks = (size + limit - 1) / limit
  return (size + blocks - 1) / blocks
}

/**
 * C [m, n] = alpha·A [m, k]·B [k, n] + D + bias. Element (i, l) of A is at
 * a + i·aRow + l·aDepth, (l, j) of B at b + l·bDepth + j·bColumn. D [m, n] (may be
 * C) and bias [n] may be 0 for none.
 *
 * @param panels - `panelBytes` of this thread's own.
 */
export function product(
  m: i32, n: i32, k: i32, a: usize, aRow: usize, aDepth: usize, b: usize, bDepth: usize, bColumn: usize, c: usize, cStride: usize,
  alpha: f32, d: usize, dStride: usize, bias: usize, panels: usize,
): void {
  if (m <= 2 && aDepth == 4 && bDepth == 4) return dotProduct(m, n, k, a, aRow, b, bColumn, c, cStride, alpha, d, dStride, bias)
  const left = panels + rightBytes
  const depthStep = blockOf(k, blockDepth)
  const rowStep = (blockOf(m, blockRows) + 3) & -4
  for (let l = 0; l < k; l += depthStep) {
    const depth = least(depthStep, k - l)
    for (let i0 = 0; i0 < m; i0 += rowStep) {
      const rows = least(rowStep, m - i0)
      packLeft(rows, depth, a + <usize>i0 * aRow + <usize>l * aDepth, aRow, aDepth, left)
      for (let j = 0; j < n; j += tileColumns) {
        const columns = least(tileColumns, n - j)
        packRight(columns, depth, b + <usize>l * bDepth + <usize>j * bColumn, bDepth, bColumn, panels)
        for (let i = 0; i < rows; i += tileRows) {
          const target = c + <usize>(i0 + i) * cStride + (<usize>j << 2)
          const addend = l ? target : d ? d + <usize>(i0 + i) * dStride + (<usize>j << 2) : 0
          tile(
            least(tileRows, rows - i), columns, depth, left + <usize>(i * depth << 2), panels, target, cStride,
            alpha, addend, l ? cStride : dStride, l || !bias ? 0 : bias + (<usize>j << 2),
          )
        }
      }
    }
  }
}

/** Rows of A as [rows / 4][depth][4]; what is missing in the last four is left as it is, and not used. */
function packLeft(rows: i32, depth: i32, a: usize, aRow: usize, aDepth: usize, panel: usize): void {
  for (let i = 0; i < rows; i += tileRows) {
    if (aDepth == 4) packAcross(least(tileRows, rows - i), depth, a, aRow, panel, 16)
    else packAlong(least(tileRows, rows - i), depth, a, aDepth, panel, 16)
    a += 4 * aRow
    panel += <usize>depth << 4
  }
}

/** Up to eight columns of B as [depth][8]. */
function packRight(columns: i32, depth: i32, b: usize, bDepth: usize, bColumn: usize, panel: usize): void {
  if (bDepth == 4) {
    packAcross(least(4, columns), depth, b, bColumn, panel, 32)
    if (columns > 4) packAcross(columns - 4, depth, b + 4 * bColumn, bColumn, panel + 16, 32)
  } else {
    packAlong(least(4, columns), depth, b, bDepth, panel, 32)
    if (columns > 4) packAlong(columns - 4, depth, b + 16, bDepth, panel + 16, 32)
  }
}

/** Up to four lanes that are `stride` apart, each contiguous along the depth: turned in squares of four. */
function packAcross(lanes: i32, depth: i32, from: usize, stride: usize, to: usize, step: usize): void {
  let from1 = lanes > 1 ? from + stride : from
  let from2 = lanes > 2 ? from1 + stride : from
  let from3 = lanes > 3 ? from2 + stride : from
  for (; depth >= 4; depth -= 4) {
    const r0 = v128.load(from), r1 = v128.load(from1), r2 = v128.load(from2), r3 = v128.load(from3)
    const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7)
    const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5), high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7)
    v128.store(to, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5))
    v128.store(to + step, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7))
    v128.store(to + 2 * step, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5))
    v128.store(to + 3 * step, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7))
    from += 16
    from1 += 16
    from2 += 16
    from3 += 16
    to += 4 * step
  }
  for (; depth > 0; depth--) {
    store<f32>(to, load<f32>(from))
    store<f32>(to, load<f32>(from1), 4)
    store<f32>(to, load<f32>(from2), 8)
    store<f32>(to, load<f32>(from3), 12)
    from += 4
    from1 += 4
    from2 += 4
    from3 += 4
    to += step
  }
}

/** Up to four lanes side by side, `stride` from depth to depth. */
function packAlong(lanes: i32, depth: i32, from: usize, stride: usize, to: usize, step: usize): void {
  for (; depth > 0; depth--) {
    v128.store(to, lanes == 4 ? v128.load(from) : loadPart(from, lanes))
    from += stride
    to += step
  }
}

/** A packed [depth][4] by B packed [depth][8]. */
function tile(
  rows: i32, columns: i32, depth: i32, a: usize, b: usize, c: usize, cStride: usize, alpha: f32, d: usize, dStride: usize, bias: usize,
): void {
  let s00 = f32x4.splat(0), s01 = f32x4.splat(0), s10 = f32x4.splat(0), s11 = f32x4.splat(0)
  let s20 = f32x4.splat(0), s21 = f32x4.splat(0), s30 = f32x4.splat(0), s31 = f32x4.splat(0)
  do {
    const w0 = v128.load(b)
    const w1 = v128.load(b, 16)
    let x = v128.load32_splat(a)
    s00 = multiplyAdd(x, w0, s00)
    s01 = multiplyAdd(x, w1, s01)
    x = v128.load32_splat(a, 4)
    s10 = multiplyAdd(x, w0, s10)
    s11 = multiplyAdd(x, w1, s11)
    x = v128.load32_splat(a, 8)
    s20 = multiplyAdd(x, w0, s20)
    s21 = multiplyAdd(x, w1, s21)
    x = v128.load32_splat(a, 12)
    s30 = multiplyAdd(x, w0, s30)
    s31 = multiplyAdd(x, w1, s31)
    a += 16
    b += 32
  } while (--depth)
  finishRow(s00, s01, columns, c, alpha, d, bias)
  if (rows > 1) finishRow(s10, s11, columns, c + cStride, alpha, d ? d + dStride : 0, bias)
  if (rows > 2) finishRow(s20, s21, columns, c + 2 * cStride, alpha, d ? d + 2 * dStride : 0, bias)
  if (rows > 3) finishRow(s30, s31, columns, c + 3 * cStride, alpha, d ? d + 3 * dStride : 0, bias)
}

/** Up to eight results of a row. */
function finishRow(low: v128, high: v128, columns: i32, c: usize, alpha: f32, d: usize, bias: usize): void {
  finish(low, least(4, columns), c, alpha, d, bias)
  if (columns > 4) finish(high, columns - 4, c + 16, alpha, d ? d + 16 : 0, bias ? bias + 16 : 0)
}

/** Up to four results of a row. */
@inline function finish(sums: v128, columns: i32, c: usize, alpha: f32, d: usize, bias: usize): void {
  let result = f32x4.mul(sums, f32x4.splat(alpha))
  if (columns == 4) {
    if (d) result = f32x4.add(result, v128.load(d))
    if (bias) result = f32x4.add(result, v128.load(bias))
    v128.store(c, result)
  } else {
    if (d) result = f32x4.add(result, loadPart(d, columns))
    if (bias) result = f32x4.add(result, loadPart(bias, columns))
    storePart(c, result, columns)
  }
}

/** One or two rows against rows of B as they lie: generation reads each weight once, so packing it would be half of the work. */
function dotProduct(
  m: i32, n: i32, k: i32, a: usize, aRow: usize, b: usize, bColumn: usize, c: usize, cStride: usize,
  alpha: f32, d: usize, dStride: usize, bias: usize,
): void {
  for (let j = 0; j < n; j += 4) {
    const columns = least(4, n - j)
    const offset = <usize>j << 2
    dotTile(m, columns, k, a, aRow, b + <usize>j * bColumn, bColumn, c + offset, cStride, alpha, d ? d + offset : 0, dStride, bias ? bias + offset : 0)
  }
}

function dotTile(
  m: i32, columns: i32, depth: i32, a: usize, aRow: usize, b: usize, bColumn: usize, c: usize, cStride: usize,
  alpha: f32, d: usize, dStride: usize, bias: usize,
): void {
  let a1 = m > 1 ? a + aRow : a
  let b1 = columns > 1 ? b + bColumn : b
  let b2 = columns > 2 ? b1 + bColumn : b
  let b3 = columns > 3 ? b2 + bColumn : b
  let s00 = f32x4.splat(0), s01 = f32x4.splat(0), s02 = f32x4.splat(0), s03 = f32x4.splat(0)
  let s10 = f32x4.splat(0), s11 = f32x4.splat(0), s12 = f32x4.splat(0), s13 = f32x4.splat(0)
  while (depth > 0) {
    const whole = depth >= 4
    const x = whole ? v128.load(a) : loadPart(a, depth)
    const y = whole ? v128.load(a1) : loadPart(a1, depth)
    let w = whole ? v128.load(b) : loadPart(b, depth)
    s00 = multiplyAdd(x, w, s00)
    s10 = multiplyAdd(y, w, s10)
    w = whole ? v128.load(b1) : loadPart(b1, depth)
    s01 = multiplyAdd(x, w, s01)
    s11 = multiplyAdd(y, w, s11)
    w = whole ? v128.load(b2) : loadPart(b2, depth)
    s02 = multiplyAdd(x, w, s02)
    s12 = multiplyAdd(y, w, s12)
    w = whole ? v128.load(b3) : loadPart(b3, depth)
    s03 = multiplyAdd(x, w, s03)
    s13 = multiplyAdd(y, w, s13)
    depth -= 4
    a += 16
    a1 += 16
    b += 16
    b1 += 16
    b2 += 16
    b3 += 16
  }
  finish(sumsOf(s00, s01, s02, s03), columns, c, alpha, d, bias)
  if (m > 1) finish(sumsOf(s10, s11, s12, s13), columns, c + cStride, alpha, d ? d + dStride : 0, bias)
}
