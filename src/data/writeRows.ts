import type { ChatRow } from './row.ts'

/** Rows as JSON Lines in AI Arena's format, UTF-8, a newline after each. */
export function writeRows(rows: readonly ChatRow[]): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(rows.map((row) => JSON.stringify(row) + '\n').join(''))
}
