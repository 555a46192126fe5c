/** How tfjs's attention cuts long rows: into blocks of queries, so that scores never exist all at once. */
const scoresAtOnce = 2 ** 22

export interface AttentionShape {
  rows: number
  heads: number
  /** Tokens of a row. */
  length: number
}

/** Queries of each row that are taken at once. */
export function blockSize({ rows, heads, length }: AttentionShape): number {
  return Math.min(length, Math.max(16, Math.floor(scoresAtOnce / (rows * heads * length))))
}

/** The most scores that exist at one time. */
export function scoresOfBlock(shape: AttentionShape): number {
  return shape.rows * shape.heads * blockSize(shape) * shape.length
}
