import { openAsBlob, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { missingReference, referencePath } from '../../../tests/helpers/reference.ts'
import { readGgufHeader } from '../weights/gguf/header.ts'
import { blobSource } from '../weights/source.ts'
import { createTokenizer } from './tokenizer.ts'
import { tokenizerFromGguf } from './tokenizerFromGguf.ts'

const json = (...parts: string[]) => JSON.parse(readFileSync(join(...parts), 'utf8'))
const models = referencePath('models')
const texts = ['Once upon a time', 'two  spaces ', 'Ünïcödé 🦙 and\nlines\n\n', '1234 + 56', "it's he'll", '<|im_start|>user\nHi<|im_end|>']

it.skipIf(!models).each([
  ['stories260K/stories260K-f32.v3.gguf', 'stories260K/hf'],
  ['smollm2-135m/SmolLM2-135M-Instruct.Q4_1.gguf', 'smollm2-135m/tokenizer'],
])(models ? 'the vocabulary in %s gives the ids of %s' : missingReference('models'), async (file, folder) => {
  const { metadata } = await readGgufHeader(blobSource(await openAsBlob(join(models!, file)), file))
  const own = tokenizerFromGguf(metadata)
  const theirs = createTokenizer(json(models!, folder, 'tokenizer.json'), json(models!, folder, 'tokenizer_config.json'))
  for (const text of [...texts, readFileSync(referencePath('data', 'instruction', 'the-verdict.txt')!, 'utf8')]) {
    expect(own.encode(text, true)).toEqual(theirs.encode(text, true))
    expect(own.decode(own.encode(text, true), true)).toBe(theirs.decode(theirs.encode(text, true), true))
  }
  expect([own.bosToken, own.eosToken]).toEqual([theirs.bosToken, theirs.eosToken])
})

it.skipIf(!models)('a piece from the middle of a text gets no space, whatever stands before it', async () => {
  const file = join(models!, 'stories260K/stories260K-f32.v3.gguf')
  const tokenizer = tokenizerFromGguf((await readGgufHeader(blobSource(await openAsBlob(file), 'stories'))).metadata)
  expect(tokenizer.decode(tokenizer.encodeMiddle('upon a time'), false)).toBe('upon a time')
  const [first, ...rest] = tokenizer.encode('once upon a time', false)
  expect(first).toBe(tokenizer.idOf('▁on'))
  expect(tokenizer.encodeMiddle(' upon a time')).toEqual(rest.slice(-3))
})

it('refuses vocabularies whose rules are not known', () => {
  const metadata = new Map<string, string | string[]>([['tokenizer.ggml.model', 'gpt2'], ['tokenizer.ggml.pre', 'viking'], ['tokenizer.ggml.tokens', ['a']], ['tokenizer.ggml.merges', []]])
  expect(() => tokenizerFromGguf(metadata)).toThrow(/rules "viking"/)
  expect(() => tokenizerFromGguf(new Map([['tokenizer.ggml.model', 'bert']]))).toThrow(/no vocabulary/)
})
