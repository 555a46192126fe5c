import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ChatRow } from '../../../src/data/row.ts'
import { chatTemplate } from './chatTemplate.ts'
import { encodePrompt, encodeRow, stopTokenIds } from './encodeRows.ts'
import { createTokenizer } from './tokenizer.ts'
import type { Tokenizer } from './tokenizer.ts'

const folder = join(import.meta.dirname, '../../../public/models/stories260K')
const json = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'))

/** The bundled tokenizer with a family's marks added, and no template. */
function tokenizerWith(marks: readonly string[]): Tokenizer {
  const own = json('tokenizer.json') as { added_tokens: object[] }
  const added = marks.map((content, i) => ({ id: 512 + i, content, special: true, single_word: false, lstrip: false, rstrip: false, normalized: false }))
  return createTokenizer({ ...own, added_tokens: [...own.added_tokens, ...added] }, { ...json('tokenizer_config.json'), chat_template: null })
}

const row: ChatRow = {
  system: 'Be brief.',
  tools: '[{"name": "get_time", "parameters": {}}]',
  conversations: [
    { role: 'user', content: 'What time is it?' },
    { role: 'function_call', content: '{"name": "get_time"}' },
    { role: 'observation', content: '{"time": "12:00"}' },
    { role: 'assistant', content: 'Noon.' },
  ],
}

describe.each([
  { family: 'Qwen, Yi, SmolLM2', marks: ['<|im_start|>', '<|im_end|>'], begins: /<\|im_start\|>system\nBe brief\./, stop: '<|im_end|>', prompts: /<\|im_start\|>assistant\n$/ },
  { family: 'Llama 3', marks: ['<|start_header_id|>', '<|end_header_id|>', '<|eot_id|>'], begins: /<\|start_header_id\|>system<\|end_header_id\|>\n\nBe brief\./, stop: '<|eot_id|>', prompts: /assistant<\|end_header_id\|>\n\n$/ },
  { family: 'Gemma', marks: ['<start_of_turn>', '<end_of_turn>'], begins: /<start_of_turn>user\nBe brief\./, stop: '<end_of_turn>', prompts: /<start_of_turn>model\n$/ },
  { family: 'Mistral', marks: ['[INST]', '[/INST]'], begins: /\[INST\]Be brief\./, stop: '</s>', prompts: /\[\/INST\]$/ },
  { family: 'Phi 3', marks: ['<|system|>', '<|user|>', '<|assistant|>', '<|end|>'], begins: /<\|system\|>\nBe brief\./, stop: '<|end|>', prompts: /<\|assistant\|>\n$/ },
  { family: 'none', marks: [], begins: /Be brief\./, stop: '</s>', prompts: /Hi$/ },
])('a model of family $family without a template of its own', ({ marks, begins, stop, prompts }) => {
  const tokenizer = tokenizerWith(marks)
  const template = chatTemplate(tokenizer)
  const text = template.render(row).map((segment) => segment.text).join('')

  it('reads system prompt and tools, never dropped', () => {
    expect(text).toMatch(begins)
    for (const part of ['get_time', 'What time is it?', '{"time": "12:00"}']) expect(text).toContain(part)
  })

  it('learns assistant turns and function calls with their stop token', () => {
    const { ids, labels } = encodeRow(tokenizer, template, row, 2048)
    const targets = tokenizer.decode(labels.filter((label) => label >= 0), false)
    expect(targets).toBe(`{"name": "get_time"}${stop}Noon.${stop}`)
    expect(ids.filter((_, i) => labels[i] >= 0)).toEqual(labels.filter((label) => label >= 0))
    expect(stopTokenIds(tokenizer, template, [])).toEqual([tokenizer.idOf(stop)])
  })

  it('is prompted as its turns begin', () => {
    const prompt = tokenizer.decode(encodePrompt(tokenizer, template, { conversations: [{ role: 'user', content: 'Hi' }] }), false)
    expect(prompt).toMatch(prompts)
  })
})
