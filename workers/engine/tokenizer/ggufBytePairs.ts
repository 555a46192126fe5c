import { TokenizerError } from './tokenizer.ts'
import { addedTokens, bosTemplate } from './ggufVocabulary.ts'
import type { GgufVocabulary } from './ggufVocabulary.ts'

/** How text is cut into words before pairs of bytes are merged, by the name that GGUF gives it. */
interface Rules {
  normalizer?: object
  pre: object[]
  ignoreMerges?: boolean
  addBos?: boolean
}

const bytes = (regex: boolean): object => ({ type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: regex })
const split = (pattern: string): object => ({ type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false })
/** GPT-4's words, with digits in groups of at most `digits`. */
const words = (digits: string): string =>
  `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`

const gpt2: Rules = { pre: [bytes(true)] }
const llama3: Rules = { pre: [split(words('\\p{N}{1,3}')), bytes(false)], ignoreMerges: true, addBos: true }
const rules = new Map<string, Rules>([
  ['default', gpt2],
  ['gpt-2', gpt2],
  ['smollm', { pre: [{ type: 'Digits', individual_digits: true }, bytes(true)] }],
  ['llama-bpe', llama3],
  ['llama3', llama3],
  ['qwen2', { normalizer: { type: 'NFC' }, pre: [split(words('\\p{N}')), bytes(false)] }],
])

/**
 * BPE over bytes (GPT-2, Llama 3, Qwen).
 *
 * @throws {TokenizerError} rules that are not known here: with other ones the model would read other tokens.
 */
export function bytePairTokenizer(vocabulary: GgufVocabulary): object {
  const { tokens, merges, pre, addBos } = vocabulary
  const known = rules.get(pre)
  if (!known || !merges) {
    const reason = merges ? `cuts text by the rules "${pre}"; known are ${[...rules.keys()].join(', ')}` : 'has no merges'
    throw new TokenizerError(`The GGUF file's vocabulary ${reason}.`, 'Add the model\'s tokenizer.json to the chosen files.')
  }
  return {
    version: '1.0',
    added_tokens: addedTokens(vocabulary),
    normalizer: known.normalizer ?? null,
    pre_tokenizer: { type: 'Sequence', pretokenizers: known.pre },
    post_processor: bosTemplate(vocabulary, addBos ?? known.addBos ?? false),
    decoder: bytes(true),
    model: {
      type: 'BPE', unk_token: null, fuse_unk: false, byte_fallback: false, ignore_merges: known.ignoreMerges ?? false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges,
    },
  }
}
