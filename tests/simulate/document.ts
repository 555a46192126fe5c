/** Puts measured tables into documents that are otherwise written by hand. */
import { readFileSync, writeFileSync } from 'node:fs'

/**
 * Replaces what stands between `<!-- simulate NAME -->` and `<!-- simulate end -->`.
 * @throws when the document has no such block: a table that nobody sees is not to be lost.
 */
export function fillBlock(file: string, name: string, content: string): void {
  const text = readFileSync(file, 'utf8')
  const open = `<!-- simulate ${name} -->`
  const close = '<!-- simulate end -->'
  const from = text.indexOf(open)
  const to = text.indexOf(close, from)
  if (from < 0 || to < 0) throw new Error(`${file} has no block between "${open}" and "${close}". Write both where the table belongs.`)
  writeFileSync(file, `${text.slice(0, from + open.length)}\n\n${content.trim()}\n\n${text.slice(to)}`)
}

/** A Markdown table. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map((_, index) => (index === 0 ? '---' : '---:')), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n')
