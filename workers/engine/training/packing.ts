/**
 * Which rows share a sequence: first fit, longest first (the classic bound is
 * 11/9 of the best possible). Packed rows are kept apart by segments.
 *
 * @param lengths tokens of each row, none over `capacity`.
 * @returns indices of the rows of each sequence.
 */
export function pack(lengths: readonly number[], capacity: number): number[][] {
  const order = lengths.map((_, i) => i).sort((a, b) => lengths[b] - lengths[a] || a - b)
  const bins: { free: number; rows: number[] }[] = []
  for (const row of order) {
    if (lengths[row] > capacity) throw new RangeError(`A row of ${lengths[row]} tokens does not fit into ${capacity}.`)
    let bin = bins.find(({ free }) => free >= lengths[row])
    if (!bin) bins.push((bin = { free: capacity, rows: [] }))
    bin.free -= lengths[row]
    bin.rows.push(row)
  }
  return bins.map(({ rows }) => rows)
}
