/** Rows that a person brings: read, looked through, repaired, kept for their task. */
import { lintRows, lintRules, type LintRule } from '../data/lintRows.ts'
import { parseRows, type QuarantinedRow } from '../data/parseRows.ts'
import { repairRows, type RepairedRows } from '../data/repairRows.ts'
import type { ChatRow } from '../data/row.ts'

export interface ReadRows {
  name: string
  rows: ChatRow[]
  /** Lines that are no rows, and why. */
  quarantined: (QuarantinedRow & { file: string })[]
  findings: LintSummary[]
  /** What was mended; null before. */
  repairs: RepairedRows['changes'] | null
}

/** Everything that one rule found. */
export interface LintSummary {
  rule: LintRule
  words: string
  severity: 'error' | 'warning'
  count: number
  repairable: boolean
  /** The first of them. */
  example: { row: number; message: string }
}

/** @throws RowFileError */
export async function readRowFiles(files: readonly { path: string; content: Blob }[]): Promise<ReadRows> {
  const rows: ChatRow[] = []
  const quarantined: ReadRows['quarantined'] = []
  for (const { path, content } of files) {
    const parsed = parseRows(new Uint8Array(await content.arrayBuffer()))
    rows.push(...parsed.rows)
    quarantined.push(...parsed.quarantined.map((line) => ({ ...line, file: path })))
  }
  return { name: files.map(({ path }) => path).join(', '), rows, quarantined, findings: summarise(rows), repairs: null }
}

/** Mends what has one obvious remedy. */
export function repaired(read: ReadRows): ReadRows {
  const { rows, changes } = repairRows(read.rows)
  return { ...read, rows, findings: summarise(rows), repairs: changes }
}

function summarise(rows: readonly ChatRow[]): LintSummary[] {
  const byRule = new Map<LintRule, LintSummary>()
  for (const { rule, severity, repairable, row, message } of lintRows(rows)) {
    const summary = byRule.get(rule)
    if (summary) summary.count++
    else byRule.set(rule, { rule, words: lintRules[rule], severity, repairable, count: 1, example: { row, message } })
  }
  return [...byRule.values()].sort((a, b) => (a.severity === b.severity ? b.count - a.count : a.severity === 'error' ? -1 : 1))
}
