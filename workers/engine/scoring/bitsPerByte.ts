import type { RowScore } from '../../protocol.ts'

/**
 * Bits per byte over rows (`protocol.md`, Score): one division at the end.
 *
 * @returns NaN when there is no byte, or when a likelihood is not a number.
 */
export function bitsPerByte(rows: readonly RowScore[]): number {
  const sum = (key: keyof RowScore): number => rows.reduce((total, row) => total + row[key], 0)
  const bytes = sum('targetBytes')
  return bytes > 0 ? sum('nll') / Math.LN2 / bytes : Number.NaN
}

/** Mean negative log-likelihood of a target, in nats. */
export function meanLoss(rows: readonly RowScore[]): number {
  const targets = rows.reduce((total, row) => total + row.targetTokens, 0)
  return rows.reduce((total, row) => total + row.nll, 0) / targets
}

/** A score as it goes on chain: micro-bits per byte in 32 unsigned bits, or null for one that is none. */
export function microBitsPerByte(rows: readonly RowScore[]): number | null {
  const micro = Math.round(bitsPerByte(rows) * 1e6)
  return Number.isFinite(micro) && micro >= 0 && micro < 2 ** 32 ? micro : null
}
