import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { missingReference, referencePath } from '../../tests/helpers/reference.ts'
import { lintRows } from './lintRows.ts'
import { parseRows } from './parseRows.ts'
import { repairRows } from './repairRows.ts'
import { sectionsOf } from './sections.ts'
import type { ChatMessage, ChatRow } from './row.ts'

const row = (...turns: [ChatMessage['role'], string][]): ChatRow => ({ conversations: turns.map(([role, content]) => ({ role, content })) })
const good = row(['user', 'a'], ['assistant', 'b'])
const rules = (...rows: ChatRow[]) => lintRows(rows, { longest: 1000 }).map(({ row, rule }) => `${row} ${rule}`)

describe('lintRows', () => {
  it('finds nothing in good rows', () => {
    expect(rules(good, { ...good, system: 's' }, row(['user', 'a'], ['function_call', '{"name":"f","arguments":{}}'], ['observation', '1'], ['assistant', 'c']))).toEqual([])
  })

  it.each([
    ['no-target', row(['user', 'a'], ['assistant', ' '])],
    ['empty-turn', row(['user', ''], ['assistant', 'b'])],
    ['repeated-role', row(['user', 'a'], ['user', 'b'], ['assistant', 'c'])],
    ['unanswered', row(['user', 'a'], ['assistant', 'b'], ['user', 'c'])],
    ['bad-call', row(['user', 'a'], ['function_call', 'f(1)'], ['observation', '2'])],
    ['lost-call', row(['user', 'a'], ['function_call', '{"name":"f"}'], ['assistant', 'b'])],
    ['bad-tools', { ...good, tools: '{"name":1' }],
    ['broken-text', row(['user', 'a\ufffd'], ['assistant', 'b'])],
    ['broken-text', row(['user', 'a\u0007'], ['assistant', 'b'])],
    ['long', row(['user', 'a'.repeat(1001)], ['assistant', 'b'])],
  ] as [string, ChatRow][])('finds %s', (rule, row) => {
    expect(rules(row)).toContain(`0 ${rule}`)
  })

  it('finds rows that are there twice', () => {
    expect(lintRows([good, row(['user', 'x'], ['assistant', 'y']), good])).toMatchObject([{ row: 2, rule: 'duplicate', message: 'the same as row 1' }])
  })

  const flock = referencePath('data', 'flock', 'function_calling_demo.jsonl')
  it.skipIf(!flock)(flock ? "finds no error in FLock's demo rows" : missingReference('data', 'flock'), () => {
    const findings = lintRows(parseRows(readFileSync(flock!)).rows)
    expect(findings.filter(({ severity, rule }) => severity === 'error' && rule !== 'bad-call')).toEqual([])
  })
})

describe('repairRows', () => {
  it('mends what has one remedy and says what it did', () => {
    const { rows, changes } = repairRows([
      row(['user', ' a\u0007 '], ['user', 'b'], ['assistant', ''], ['assistant', 'c'], ['user', 'd']), row(['user', 'a']), good, good,
    ])
    expect(rows).toEqual([row(['user', 'a\n\nb'], ['assistant', 'c']), good])
    expect(changes.map(({ row }) => row)).toEqual([0, 0, 0, 0, 1, 1, 3])
    expect(lintRows(rows)).toEqual([])
  })

  it('leaves good rows alone', () => expect(repairRows([good])).toEqual({ rows: [good], changes: [] }))
})

describe('sectionsOf', () => {
  it('cuts at headings, keeps their path, leaves code whole', () => {
    const text = '---\ntitle: x\n---\nIntro\n# A\none\n## B\ntwo\n```\n# no heading\n```\n# C\n### D\nthree\n'
    expect(sectionsOf(text)).toEqual([
      { headings: [], text: 'Intro' },
      { headings: ['A'], text: 'one' },
      { headings: ['A', 'B'], text: 'two\n```\n# no heading\n```' },
      { headings: ['C', 'D'], text: 'three' },
    ])
  })

  it('cuts what is too long at paragraphs, then lines', () => {
    const sections = sectionsOf(`# A\n${'x'.repeat(30)}\n\n${'y'.repeat(30)}\n${'z'.repeat(30)}`, 40)
    expect(sections.map(({ text }) => text[0])).toEqual(['x', 'y', 'z'])
  })
})
