/**
 * A tokenizer from the vocabulary that a GGUF file carries, written down as
 * the `tokenizer.json` that Hugging Face's tokenizers read.
 */
import type { GgufValue } from '../weights/gguf/reader.ts'
import { bytePairTokenizer } from './ggufBytePairs.ts'
import { sentencePieceTokenizer } from './ggufSentencePiece.ts'
import type { GgufVocabulary } from './ggufVocabulary.ts'
import { TokenizerError, createTokenizer } from './tokenizer.ts'
import type { Tokenizer } from './tokenizer.ts'

/** @throws {TokenizerError} a kind of vocabulary that is not known here. */
export function tokenizerFromGguf(metadata: ReadonlyMap<string, GgufValue>): Tokenizer {
  const get = (key: string): GgufValue | undefined => metadata.get(`tokenizer.ggml.${key}`)
  const tokens = strings(get('tokens'))
  if (!tokens?.length) throw new TokenizerError('The GGUF file carries no vocabulary.', 'Add the model\'s tokenizer.json to the chosen files.')
  const token = (key: string): string | null => {
    const id = get(key)
    return typeof id === 'number' ? (tokens[id] ?? null) : null
  }
  const vocabulary: GgufVocabulary = {
    tokens,
    types: numbers(get('token_type')) ?? tokens.map(() => 1),
    scores: numbers(get('scores')),
    merges: strings(get('merges')),
    pre: String(get('pre') ?? 'default'),
    addBos: flag(get('add_bos_token')),
    addSpacePrefix: flag(get('add_space_prefix')) ?? true,
    bosToken: token('bos_token_id'),
  }
  const kind = get('model')
  const make = kind === 'llama' ? sentencePieceTokenizer : kind === 'gpt2' ? bytePairTokenizer : null
  if (!make) throw new TokenizerError(`The GGUF file's vocabulary is of kind "${String(kind)}"; known are llama and gpt2.`, 'Add the model\'s tokenizer.json to the chosen files.')
  const template = metadata.get('tokenizer.chat_template')
  return createTokenizer(
    make(vocabulary),
    { bos_token: vocabulary.bosToken, eos_token: token('eos_token_id'), pad_token: token('padding_token_id'), unk_token: token('unknown_token_id') },
    typeof template === 'string' ? template : null,
  )
}

function strings(value: GgufValue | undefined): string[] | null {
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : null
}

function numbers(value: GgufValue | undefined): number[] | null {
  return Array.isArray(value) && value.every((item) => typeof item === 'number') ? value : null
}

function flag(value: GgufValue | undefined): boolean | null {
  return typeof value === 'boolean' ? value : null
}
