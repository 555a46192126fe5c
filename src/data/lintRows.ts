import type { ChatRow } from './row.ts'

/** What can be wrong with a row that is one: each rule's name in words. */
export const lintRules = {
  'no-target': 'nothing to learn: no assistant turn and no function call with text',
  'empty-turn': 'a turn without text',
  'repeated-role': 'two turns of one role after each other',
  'unanswered': 'ends with a question that nobody answers',
  'bad-call': 'a function call that is not JSON with a name',
  'bad-tools': 'tools that are not a JSON list of named functions',
  'lost-call': 'a function call without an observation after it',
  'broken-text': 'characters that were lost in a wrong conversion (�) or control characters',
  'duplicate': 'the same as an earlier row',
  'long': 'longer than the limit',
} as const
export type LintRule = keyof typeof lintRules

/** Something to look at in a row. `error`: it cannot be learnt from as it is. */
export interface LintFinding {
  /** Index of the row. */
  row: number
  /** Index of the turn, where it is about one. */
  turn?: number
  rule: LintRule
  severity: 'error' | 'warning'
  /** What is wrong here, with values. */
  message: string
  /** Whether {@link repairRows} mends it. */
  repairable: boolean
}

export interface LintOptions {
  /** UTF-16 units of text in a row from which on it counts as long. */
  longest?: number
}

/** Looks through rows; findings in the rows' order. */
export function lintRows(rows: readonly ChatRow[], { longest = 100_000 }: LintOptions = {}): LintFinding[] {
  const seen = new Map<string, number>()
  return rows.flatMap((row, index) => {
    const key = JSON.stringify([row.system ?? '', row.tools ?? '', row.conversations])
    const earlier = seen.get(key)
    if (earlier === undefined) seen.set(key, index)
    const duplicate = earlier === undefined ? [] : [finding(index, 'duplicate', 'warning', `the same as row ${earlier + 1}`, true)]
    return [...duplicate, ...lintRow(row, index, longest)]
  })
}

function lintRow(row: ChatRow, index: number, longest: number): LintFinding[] {
  const found: LintFinding[] = []
  const add = (rule: LintRule, severity: LintFinding['severity'], message: string, repairable: boolean, turn?: number): void => {
    found.push(finding(index, rule, severity, message, repairable, turn))
  }
  const turns = row.conversations
  if (!turns.some(({ role, content }) => (role === 'assistant' || role === 'function_call') && content.trim())) add('no-target', 'error', lintRules['no-target'], true)
  if (turns.at(-1)!.role === 'user') add('unanswered', 'warning', lintRules.unanswered, true, turns.length - 1)
  const length = turns.reduce((sum, { content }) => sum + content.length, (row.system ?? '').length)
  if (length > longest) add('long', 'warning', `${length} characters, ${longest} are the limit`, false)
  if (!toolsAreFine(row.tools)) add('bad-tools', 'warning', lintRules['bad-tools'], false)
  turns.forEach(({ role, content }, turn) => {
    const next = turns[turn + 1]?.role
    if (!content.trim()) add('empty-turn', 'error', `turn ${turn + 1} (${role}) has no text`, true, turn)
    if (next === role && role !== 'observation') add('repeated-role', 'warning', `turns ${turn + 1} and ${turn + 2} are both ${role}`, role === 'user' || role === 'assistant', turn)
    if (role === 'function_call' && !callIsFine(content)) add('bad-call', 'error', `turn ${turn + 1} is not JSON with a name: ${excerpt(content)}`, false, turn)
    if (role === 'function_call' && next !== 'observation' && next !== 'tool' && next !== 'function_call' && next !== undefined) add('lost-call', 'warning', `nothing comes back from the call in turn ${turn + 1}`, false, turn)
    const broken = brokenText.exec(content)
    if (broken) add('broken-text', 'warning', `turn ${turn + 1} has ${JSON.stringify(broken[0])} near ${excerpt(content.slice(Math.max(0, broken.index - 10)))}`, broken[0] !== '\ufffd', turn)
  })
  return found
}

/** A replacement character, or a control character other than tab, line feed and carriage return. */
const brokenText = /\ufffd|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/

function finding(row: number, rule: LintRule, severity: LintFinding['severity'], message: string, repairable: boolean, turn?: number): LintFinding {
  return { row, rule, severity, message, repairable, ...(turn === undefined ? {} : { turn }) }
}

function callIsFine(content: string): boolean {
  const calls = parse(content)
  return (Array.isArray(calls) ? calls : [calls]).every(isNamed)
}

function toolsAreFine(tools: ChatRow['tools']): boolean {
  if (!tools?.length) return true
  const list = typeof tools === 'string' ? parse(tools) : tools
  return Array.isArray(list) && list.every((tool: unknown) => isNamed(tool) || (typeof tool === 'object' && tool !== null && 'function' in tool && isNamed(tool.function)))
}

function isNamed(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string'
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function excerpt(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)
}
