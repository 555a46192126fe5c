import Papa from 'papaparse'

/** Column names that people use, by what they mean here. */
const meanings = {
  instruction: ['instruction', 'prompt', 'question', 'query', 'user', 'human'],
  input: ['input', 'context'],
  output: ['output', 'response', 'completion', 'answer', 'assistant', 'target', 'label'],
  system: ['system', 'system_prompt'],
} as const
const textColumns = ['text', 'content', 'document']

/** Comma, semicolon or tab separated, with a first line that names columns of questions and answers, or of texts. */
export function looksLikeCsv(text: string): boolean {
  return layoutOf(text) !== null
}

function layoutOf(text: string): { delimiter: string; columns: Columns; width: number } | null {
  const end = text.indexOf('\n')
  if (end < 0) return null
  for (const delimiter of [',', '\t', ';']) {
    const [header = []] = Papa.parse<string[]>(text.slice(0, end).replace(/^\ufeff/, ''), { delimiter }).data
    const columns = columnsOf(header)
    if (columns) return { delimiter, columns, width: header.length }
  }
  return null
}

type Columns = Partial<Record<keyof typeof meanings, number>> & { text?: number }

function columnsOf(header: readonly string[]): Columns | null {
  const names = header.map((name) => name.trim().toLowerCase())
  const find = (known: readonly string[]) => names.findIndex((name) => known.includes(name))
  const columns: Columns = {}
  for (const [meaning, known] of Object.entries(meanings)) {
    const at = find(known)
    if (at >= 0) columns[meaning as keyof typeof meanings] = at
  }
  // A lone "input" beside an answer is the question itself.
  if (columns.instruction === undefined && columns.input !== undefined) [columns.instruction, columns.input] = [columns.input, undefined]
  if (columns.instruction !== undefined && columns.output !== undefined) return columns
  const text = find(textColumns)
  return text >= 0 && names.length <= 4 ? { text } : null
}

/** Each line as a JSON row (see `rowFormats.ts`); a line with too few columns comes as an error in words. */
export function csvRows(text: string): (object | Error)[] {
  const { delimiter, columns, width } = layoutOf(text)!
  const [, ...lines] = Papa.parse<string[]>(text, { delimiter, skipEmptyLines: 'greedy' }).data
  return lines.map((line) => {
    if (line.length < width) return new Error(`${line.length} columns where the first line names ${width}`)
    if (columns.text !== undefined) return { conversations: [{ role: 'assistant', content: line[columns.text]! }] }
    const value = (meaning: keyof typeof meanings) => (columns[meaning] === undefined ? undefined : line[columns[meaning]])
    return { instruction: value('instruction'), input: value('input') || null, output: value('output'), system: value('system') || null }
  })
}
