import { addedTokens, bosTemplate, isAddedToken } from './ggufVocabulary.ts'
import type { GgufVocabulary } from './ggufVocabulary.ts'

const space = '▁'

/** SentencePiece's BPE (Llama 1 and 2, Mistral): the best-scored merge first, bytes where a character is unknown. */
export function sentencePieceTokenizer(vocabulary: GgufVocabulary): object {
  const { tokens, addBos, addSpacePrefix } = vocabulary
  return {
    version: '1.0',
    added_tokens: addedTokens(vocabulary),
    normalizer: {
      type: 'Sequence',
      normalizers: [
        ...(addSpacePrefix ? [{ type: 'Prepend', prepend: space }] : []),
        { type: 'Replace', pattern: { String: ' ' }, content: space },
      ],
    },
    pre_tokenizer: null,
    post_processor: bosTemplate(vocabulary, addBos ?? true),
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: space }, content: ' ' }, { type: 'ByteFallback' }, { type: 'Fuse' },
        ...(addSpacePrefix ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
      ],
    },
    model: {
      type: 'BPE', unk_token: tokens[vocabulary.types.indexOf(2)] ?? null, fuse_unk: true, byte_fallback: true,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: mergesByScore(vocabulary),
    },
  }
}

/**
 * SentencePiece knows no list of merges, only how good each piece is: any two
 * pieces that make a third may merge, the best third first. Ids break ties as
 * they lie in the order of training.
 */
function mergesByScore({ tokens, types, scores }: GgufVocabulary): [string, string][] {
  const ids = new Map<string, number>()
  tokens.forEach((token, id) => {
    if (!isAddedToken(types[id]) && types[id] !== 6) ids.set(token, id)
  })
  const merges: { left: string; right: string; score: number; id: number }[] = []
  for (const [piece, id] of ids) {
    const characters = [...piece]
    let left = ''
    for (let i = 0; i < characters.length - 1; i++) {
      left += characters[i]
      const right = piece.slice(left.length)
      if (ids.has(left) && ids.has(right)) merges.push({ left, right, score: scores?.[id] ?? -id, id })
    }
  }
  merges.sort((a, b) => b.score - a.score || a.id - b.id)
  return merges.map(({ left, right }) => [left, right])
}
