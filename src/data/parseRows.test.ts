import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { missingReference, referencePath } from '../../tests/helpers/reference.ts'
import { parseRows, RowFileError } from './parseRows.ts'
import { splitRows } from './splitRows.ts'
import { writeRows } from './writeRows.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const lines = (...values: unknown[]) => bytes(values.map((v) => (typeof v === 'string' ? v : JSON.stringify(v))).join('\n'))

describe('parseRows', () => {
  it('reads every known format into one shape', () => {
    const chat = [{ role: 'user', content: 'a' }, { role: 'assistant', content: 'b' }]
    expect(parseRows(lines({ system: 's', tools: '[{}]', conversations: chat }))).toEqual({
      rows: [{ system: 's', tools: '[{}]', conversations: chat }], quarantined: [], format: 'flock',
    })
    expect(parseRows(bytes(JSON.stringify([{ instruction: 'a', input: 'x', output: 'b' }])))).toMatchObject({
      rows: [{ conversations: [{ role: 'user', content: 'a\nx' }, chat[1]] }], format: 'alpaca',
    })
    expect(parseRows(lines({ conversations: [{ from: 'system', value: 's' }, { from: 'human', value: 'a' }, { from: 'gpt', value: 'b' }] }))).toMatchObject({
      rows: [{ system: 's', conversations: chat }], format: 'sharegpt',
    })
    const call = { role: 'assistant', content: null, tool_calls: [{ type: 'function', function: { name: 'f', arguments: '{"x":1}' } }] }
    expect(parseRows(lines({ messages: [{ role: 'user', content: 'a' }, call, { role: 'tool', content: '2' }] }))).toMatchObject({
      rows: [{ conversations: [chat[0], { role: 'function_call', content: '{"name":"f","arguments":{"x":1}}' }, { role: 'observation', content: '2' }] }],
      format: 'openai',
    })
    expect(parseRows(bytes('One.\nStill one.\n\n\nTwo.\n'))).toMatchObject({
      rows: [{ conversations: [{ role: 'assistant', content: 'One.\nStill one.' }] }, { conversations: [{ content: 'Two.' }] }], format: 'text',
    })
  })

  it('reads CSV with commas, tabs or semicolons, quoted text in it', () => {
    const rows = [{ system: 's', conversations: [{ role: 'user', content: 'a, b' }, { role: 'assistant', content: 'one\ntwo' }] }]
    expect(parseRows(bytes('Question,Answer,System\r\n"a, b","one\ntwo",s\r\n'))).toMatchObject({ rows, quarantined: [] })
    expect(parseRows(bytes('prompt\tcompletion\na\tb\nlonely\n'))).toMatchObject({ rows: [{ conversations: [{ content: 'a' }, { content: 'b' }] }], quarantined: [{ line: 3, reason: '1 columns where the first line names 2' }] })
    expect(parseRows(bytes('id;text\n1;One.\n'))).toMatchObject({ rows: [{ conversations: [{ role: 'assistant', content: 'One.' }] }] })
    expect(parseRows(bytes('Dear reader, this is prose.\nIt goes on.\n'))).toMatchObject({ format: 'text' })
  })

  it('quarantines bad rows with line and reason and keeps the others', () => {
    const good = { conversations: [{ role: 'user', content: 'a' }] }
    const { rows, quarantined } = parseRows(lines(good, '{"conversations": [', { conversations: [] }, '', { conversations: [{ role: 'wizard', content: 'x' }] }, { a: 1 }, good))
    expect(rows).toHaveLength(2)
    expect(quarantined.map(({ line }) => line)).toEqual([2, 3, 5, 6])
    expect(quarantined[2].reason).toMatch(/role "wizard" is not known/)
    expect(quarantined[3].reason).toMatch(/no "conversations"/)
  })

  it('refuses what is not text', () => {
    expect(() => parseRows(Uint8Array.of(0xff, 0xfe, 0x00))).toThrow(RowFileError)
  })

  const flock = referencePath('data', 'flock', 'function_calling_demo.jsonl')
  it.skipIf(!flock)(flock ? "reads FLock's demo rows and writes them back" : missingReference('data', 'flock'), () => {
    const { rows, quarantined } = parseRows(readFileSync(flock!))
    expect([rows.length, quarantined.length]).toEqual([299, 0])
    expect(parseRows(writeRows(rows)).rows).toEqual(rows)
  })
})

describe('splitRows', () => {
  it('is fixed by the seed, keeps order and loses nothing', () => {
    const items = Array.from({ length: 100 }, (_, i) => i)
    const [kept, heldOut] = splitRows(items, 0.2, 7)
    expect([kept.length, heldOut.length]).toEqual([80, 20])
    expect([...kept, ...heldOut].sort((a, b) => a - b)).toEqual(items)
    expect(splitRows(items, 0.2, 7)).toEqual([kept, heldOut])
    expect(splitRows(items, 0.2, 8)[1]).not.toEqual(heldOut)
    expect(splitRows([1, 2], 0.01, 0)[1]).toHaveLength(1)
    expect(splitRows([1], 0.5, 0)).toEqual([[1], []])
  })
})
