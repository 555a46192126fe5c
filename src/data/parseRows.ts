import { csvRows, looksLikeCsv } from './csvRows.ts'
import type { ChatRow } from './row.ts'
import { detectRowFormat, rowFromJson } from './rowFormats.ts'
import type { RowFormat } from './rowFormats.ts'

/** A line that is no row, and why; the others go on without it. */
export interface QuarantinedRow {
  /** From 1: the line of a JSONL file, the item of a JSON array, the paragraph of a text. */
  line: number
  reason: string
}

export interface ParsedRows {
  rows: ChatRow[]
  quarantined: QuarantinedRow[]
  /** What most rows look like. */
  format: RowFormat
}

/** Largest file and largest row read, in bytes and UTF-16 units. */
export const rowFileLimit = 256 * 2 ** 20
const rowLimit = 4 * 2 ** 20

/** A file that cannot be read as rows at all. */
export class RowFileError extends Error {
  override readonly name = 'RowFileError'
  /** What the person can do next. */
  readonly advice: string
  constructor(message: string, advice: string) {
    super(message)
    this.advice = advice
  }
}

/**
 * Reads a dataset file: JSON Lines or a JSON array of rows in any of the known
 * formats, CSV with columns of questions and answers, or plain text (one row per paragraph). A bad row is quarantined
 * with its line and reason; the rest is kept.
 *
 * @throws {RowFileError} too large, or not UTF-8.
 */
export function parseRows(bytes: Uint8Array): ParsedRows {
  if (bytes.length > rowFileLimit) {
    throw new RowFileError(`The file has ${bytes.length} bytes, at most ${rowFileLimit} are read.`, 'Split the file and import the parts.')
  }
  const text = decode(bytes)
  const start = text.trimStart()[0]
  if (start === '[') return collect(jsonArray(text), (value) => value)
  if (start === '{') return collect(text.split('\n'), parseLine)
  if (looksLikeCsv(text)) {
    const { rows, quarantined, format } = collect(csvRows(text), (value) => { if (value instanceof Error) throw value; return value })
    // The first line names the columns.
    return { rows, quarantined: quarantined.map(({ line, reason }) => ({ line: line + 1, reason })), format }
  }
  return plainText(text)
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new RowFileError('The file is not UTF-8 text.', 'Save it as UTF-8, or choose a .jsonl, .json or .txt file.')
  }
}

function jsonArray(text: string): unknown[] {
  try {
    return JSON.parse(text) as unknown[]
  } catch (error) {
    throw new RowFileError(`The file starts like a JSON array but is none: ${(error as Error).message}.`, 'Repair the file, or save it as JSON Lines so that only the bad line is lost.')
  }
}

function parseLine(line: string): unknown {
  if (line.length > rowLimit) throw new Error(`the line has ${line.length} characters, at most ${rowLimit} are read`)
  return line.trim() ? (JSON.parse(line) as unknown) : undefined
}

function collect<T>(items: readonly T[], parse: (item: T) => unknown): ParsedRows {
  const rows: ChatRow[] = []
  const quarantined: QuarantinedRow[] = []
  const formats = new Map<RowFormat, number>()
  items.forEach((item, i) => {
    let row: ChatRow | string
    try {
      const value = parse(item)
      if (value === undefined) return
      const format = detectRowFormat(value)
      if (format) formats.set(format, (formats.get(format) ?? 0) + 1)
      row = rowFromJson(value)
    } catch (error) {
      row = (error as Error).message
    }
    if (typeof row === 'string') quarantined.push({ line: i + 1, reason: row })
    else rows.push(row)
  })
  const [format] = [...formats].sort(([, a], [, b]) => b - a)[0] ?? ['flock']
  return { rows, quarantined, format }
}

function plainText(text: string): ParsedRows {
  const paragraphs = text.split(/\n\s*\n/).map((paragraph) => paragraph.trim()).filter(Boolean)
  return { rows: paragraphs.map((content) => ({ conversations: [{ role: 'assistant', content }] })), quarantined: [], format: 'text' }
}
