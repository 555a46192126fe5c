import { count, least, place, real } from './command'
import { product } from './products'

/**
 * m, n, k; a, aRow, aDepth; b, bDepth, bColumn; c, cStride; alpha; d, dStride; bias;
 * rowBlock, columnBlock: a share is one block of C.
 */
export function productShare(command: usize, share: i32, scratch: usize): void {
  const m = count(command, 0)
  const n = count(command, 1)
  const rowBlock = count(command, 15)
  const columnBlock = count(command, 16)
  const columnBlocks = (n + columnBlock - 1) / columnBlock
  const i = (share / columnBlocks) * rowBlock
  const j = (share % columnBlocks) * columnBlock
  const aRow = place(command, 4)
  const bColumn = place(command, 8)
  const cStride = place(command, 10)
  const d = place(command, 12)
  const dStride = place(command, 13)
  const bias = place(command, 14)
  const along = <usize>j << 2
  product(
    least(rowBlock, m - i), least(columnBlock, n - j), count(command, 2),
    place(command, 3) + <usize>i * aRow, aRow, place(command, 5),
    place(command, 6) + <usize>j * bColumn, place(command, 7), bColumn,
    place(command, 9) + <usize>i * cStride + along, cStride, real(command, 11),
    d ? d + <usize>i * dStride + along : 0, dStride, bias ? bias + along : 0, scratch,
  )
}
