/** Reads an lcov tracefile (geninfo(1)): the records SF, DA, BRDA and end_of_record. */

export interface Count {
  hit: number
  found: number
}

export interface FileCoverage {
  file: string
  lines: Count
  branches: Count
  /** Lines never run, and `line:branch` of branches never taken. */
  missing: string[]
}

/** One entry per source file, sorted by path. */
export function parseLcov(text: string): FileCoverage[] {
  const files: FileCoverage[] = []
  for (const block of text.split('end_of_record')) {
    const file = /^SF:(.+)$/m.exec(block)?.[1]
    if (!file) continue
    const entry: FileCoverage = { file: file.replaceAll('\\', '/'), lines: { hit: 0, found: 0 }, branches: { hit: 0, found: 0 }, missing: [] }
    for (const [, line, count] of block.matchAll(/^DA:(\d+),(\d+)/gm)) tally(entry, entry.lines, Number(count), line!)
    // BRDA:line,block,branch,taken, with "-" where the branch's line never ran.
    for (const [, line, group, branch, taken] of block.matchAll(/^BRDA:(\d+),(\d+),(\d+),(\d+|-)/gm)) {
      tally(entry, entry.branches, taken === '-' ? 0 : Number(taken), `${line}:${group}.${branch}`)
    }
    files.push(entry)
  }
  return files.sort((a, b) => (a.file < b.file ? -1 : 1))
}

function tally(entry: FileCoverage, count: Count, hits: number, place: string): void {
  count.found++
  if (hits > 0) count.hit++
  else entry.missing.push(place)
}

export function sumOf(counts: readonly Count[]): Count {
  return { hit: counts.reduce((sum, { hit }) => sum + hit, 0), found: counts.reduce((sum, { found }) => sum + found, 0) }
}
