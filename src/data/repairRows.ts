import type { ChatMessage, ChatRow } from './row.ts'

export interface RepairedRows {
  rows: ChatRow[]
  /** What was done, by index of the row as it was given. */
  changes: { row: number; what: string }[]
}

const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g

/**
 * Mends what has one obvious remedy: control characters and space around turns
 * go, empty turns go, questions in a row become one, a last question without an
 * answer goes, and rows with nothing to learn or that were there before go.
 * Nothing is made up.
 */
export function repairRows(rows: readonly ChatRow[]): RepairedRows {
  const changes: RepairedRows['changes'] = []
  const kept: ChatRow[] = []
  const seen = new Set<string>()
  rows.forEach((row, index) => {
    const note = (what: string): void => {
      changes.push({ row: index, what })
    }
    const conversations = repairTurns(row.conversations, note)
    if (!conversations.some(({ role }) => role === 'assistant' || role === 'function_call')) return note('left out: nothing to learn')
    const repaired: ChatRow = { ...row, conversations }
    const key = JSON.stringify([repaired.system ?? '', repaired.tools ?? '', conversations])
    if (seen.has(key)) return note('left out: it was there before')
    seen.add(key)
    kept.push(repaired)
  })
  return { rows: kept, changes }
}

function repairTurns(turns: readonly ChatMessage[], note: (what: string) => void): ChatMessage[] {
  const clean = turns.map(({ role, content }) => ({ role, content: content.replace(controls, '').trim() }))
  if (clean.some(({ content }, i) => content !== turns[i].content)) note('control characters or space around turns removed')
  const filled = clean.filter(({ content }) => content)
  if (filled.length < clean.length) note(`${clean.length - filled.length} empty turns removed`)
  const merged: ChatMessage[] = []
  for (const turn of filled) {
    const last = merged.at(-1)
    if (last?.role === turn.role && (turn.role === 'user' || turn.role === 'assistant')) {
      last.content += `\n\n${turn.content}`
      note(`two ${turn.role} turns made one`)
    } else merged.push({ ...turn })
  }
  let end = merged.length
  while (end && merged[end - 1].role === 'user') end--
  if (end < merged.length) note('a last question without an answer removed')
  return merged.slice(0, end)
}
