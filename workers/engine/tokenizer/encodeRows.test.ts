import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { missingReference, referencePath } from '../../../tests/helpers/reference.ts'
import { parseRows } from '../../../src/data/parseRows.ts'
import type { ChatMessage, ChatRow } from '../../../src/data/row.ts'
import { chatTemplate } from './chatTemplate.ts'
import { encodePrompt, encodeRow, encodeRows, stopTokenIds } from './encodeRows.ts'
import { createTokenizer } from './tokenizer.ts'
import type { Tokenizer } from './tokenizer.ts'

const json = (...parts: string[]) => JSON.parse(readFileSync(join(...parts), 'utf8'))
const folder = (path: string): Tokenizer => createTokenizer(json(path, 'tokenizer.json'), json(path, 'tokenizer_config.json'))
const stories = folder(join(import.meta.dirname, '../../../public/models/stories260K'))
const shown = (tokenizer: Tokenizer, labels: number[]) => tokenizer.decode(labels.filter((label) => label >= 0), false)

describe('a base model without a template', () => {
  const template = chatTemplate(stories)
  const story: ChatRow = { conversations: [{ role: 'assistant', content: 'Once upon a time' }] }

  it('reads bos, the contents, eos', () => {
    const row = encodeRow(stories, template, story, 512)
    expect(row).toEqual({
      ids: [1, 403, 407, 261, 378, 2], labels: [-100, 403, 407, 261, 378, 2], targetBytes: 16, targetTokens: 5, truncated: false,
    })
  })

  it('starts a generation right after the prompt and stops at eos', () => {
    expect(encodePrompt(stories, template, { conversations: [{ role: 'user', content: 'Once upon a time' }] })).toEqual([1, 403, 407, 261, 378])
    expect(stopTokenIds(stories, template, [2])).toEqual([2])
  })

  it('takes the same as a template of a task', () => {
    const task = chatTemplate(stories, '{{ bos_token }}{% for m in messages %}{{ m.content }}{% endfor %}{{ eos_token }}')
    expect(encodeRow(stories, task, story, 512)).toEqual(encodeRow(stories, template, story, 512))
  })

  it('counts the bytes of what truncation leaves, and reports a row without targets', () => {
    const cut = encodeRow(stories, template, story, 3)
    expect(cut).toMatchObject({ ids: [1, 403, 407], targetBytes: 'Once upon'.length, targetTokens: 2, truncated: true })
    const question: ChatRow = { conversations: [{ role: 'user', content: 'Once upon a time there was' }, { role: 'assistant', content: 'x' }] }
    const { rows, skipped } = encodeRows(stories, template, [question, story, { conversations: [{ role: 'user', content: 'a' }] }], 6)
    expect(rows.map(({ row }) => row)).toEqual([1])
    expect(skipped).toEqual([
      { row: 0, reason: 'no target token within the first 6 tokens' },
      { row: 2, reason: 'the row has no target token' },
    ])
  })
})

const smol = referencePath('models', 'smollm2-135m')
describe.skipIf(!smol)(smol ? 'SmolLM2' : missingReference('models', 'smollm2-135m'), () => {
  let tokenizer: Tokenizer
  let source: string
  let template: ReturnType<typeof chatTemplate>
  beforeAll(() => {
    tokenizer = folder(join(smol!, 'tokenizer'))
    source = readFileSync(join(smol!, 'tokenizer', 'chat_template.jinja'), 'utf8')
    template = chatTemplate(tokenizer, source)
  })

  it('encodes the scored rows as transformers does', () => {
    const { rows } = json(smol!, 'scores.json') as { rows: { messages: ChatMessage[]; input_ids: number[]; labels: number[]; target_bytes: number }[] }
    for (const row of rows) {
      const encoded = encodeRow(tokenizer, template, { conversations: row.messages }, 2048)
      expect([encoded.ids, encoded.labels, encoded.targetBytes]).toEqual([row.input_ids, row.labels, row.target_bytes])
    }
  })

  it('encodes the trained batches of FLock rows as transformers does', () => {
    const { batches } = json(smol!, 'trajectories', 'qv-r8', 'run.json') as { batches: { input_ids: number[][]; labels: number[][]; attention_mask: number[][] }[] }
    const rows = parseRows(readFileSync(referencePath('data', 'flock', 'function_calling_demo.jsonl')!)).rows
      .filter(({ conversations }) => conversations.every(({ role }) => role !== 'function_call' && role !== 'observation'))
      // The recorded rows leave tools out.
      .map(({ system, conversations }) => encodeRow(tokenizer, template, { system, conversations }, 2048))
      .filter(({ ids }) => ids.length <= 192)
    const recorded = batches.flatMap((batch) => batch.input_ids.map((ids, i) => {
      const length = batch.attention_mask[i].reduce((sum, n) => sum + n, 0)
      return { ids: ids.slice(0, length), labels: batch.labels[i].slice(0, length) }
    }))
    expect(rows.slice(0, recorded.length).map(({ ids, labels }) => ({ ids, labels }))).toEqual(recorded)
  })

  it('encodes prompts as transformers does', () => {
    const { prompts } = json(smol!, 'golden.json') as { prompts: { user: string; input_ids: number[]; greedy_ids: number[]; greedy_text: string }[] }
    for (const { user, input_ids, greedy_ids, greedy_text } of prompts) {
      expect(encodePrompt(tokenizer, template, { conversations: [{ role: 'user', content: user }] })).toEqual(input_ids)
      expect(tokenizer.decode(greedy_ids, false)).toBe(greedy_text)
    }
    expect(stopTokenIds(tokenizer, template, [])).toEqual([2])
  })

  const calls: ChatRow = {
    system: 'Be brief.',
    tools: '[{"name": "get_time", "parameters": {}}]',
    conversations: [
      { role: 'user', content: 'What time is it?' },
      { role: 'function_call', content: '{"name": "get_time", "arguments": {}}' },
      { role: 'observation', content: '{"time": "12:00"}' },
      { role: 'assistant', content: 'Noon.' },
    ],
  }

  it('makes function calls targets and never drops system prompt or tools', () => {
    const row = encodeRow(tokenizer, template, calls, 2048)
    expect(shown(tokenizer, row.labels)).toBe('{"name": "get_time", "arguments": {}}<|im_end|>Noon.<|im_end|>')
    expect(row.targetBytes).toBe(calls.conversations[1].content.length + 'Noon.'.length)
    const text = tokenizer.decode(row.ids, false)
    expect(text).toMatch(/^<\|im_start\|>system\nBe brief\.\n\nYou can call[^]*"get_time"[^]*<\|im_start\|>tool\n{"time": "12:00"}<\|im_end\|>/)
  })

  it('hands tools to a template that takes them, and in words to one that drops them', () => {
    const taking = source.replace('{% for', '{% if tools %}TOOLS {{ tools | tojson }}\n{% endif %}{% for')
    const text = (source: string) => chatTemplate(tokenizer, source).render(calls).map((segment) => segment.text).join('')
    expect(text(taking)).toMatch(/^TOOLS \[{"type": "function", "function": {"name": "get_time"/)
    expect(text(taking)).not.toContain('You can call')
    expect(text(source.replace('{% for', '{% if tools %}TOOLS\n{% endif %}{% for'))).toContain('You can call these functions:\n{"name":"get_time"')
  })

  it('puts the system prompt into the question where a template has no system turn', () => {
    const strict = source.replace('{% for', '{% if messages[0].role == "system" %}{{ raise_exception("no system") }}{% endif %}{% for')
    const text = chatTemplate(tokenizer, strict).render({ system: 'Be brief.', conversations: calls.conversations }).map((segment) => segment.text).join('')
    expect(text).toContain('<|im_start|>user\nBe brief.\n\nWhat time is it?<|im_end|>')
  })

  it('finds targets that a template trims, and refuses one that rewrites them', () => {
    const row: ChatRow = { conversations: [{ role: 'user', content: 'a' }, { role: 'assistant', content: ' b \n' }] }
    const trimming = chatTemplate(tokenizer, source.replace("message['content']", "message['content'] | trim"))
    expect(shown(tokenizer, encodeRow(tokenizer, trimming, row, 64).labels)).toBe('b<|im_end|>')
    const shouting = chatTemplate(tokenizer, source.replace("message['content']", "message['content'] | upper"))
    expect(encodeRows(tokenizer, shouting, [row], 64)).toMatchObject({ rows: [], skipped: [{ row: 0, reason: /changes the text of turn/ }] })
  })
})
