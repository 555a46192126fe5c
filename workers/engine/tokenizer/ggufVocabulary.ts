/** What the two kinds of vocabulary have in common. */
export interface GgufVocabulary {
  tokens: readonly string[]
  /** Per token: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte. */
  types: readonly number[]
  scores: readonly number[] | null
  merges: readonly string[] | null
  /** The name of the rules by which text is cut before merging. */
  pre: string
  addBos: boolean | null
  addSpacePrefix: boolean
  bosToken: string | null
}

/** Kinds of tokens that are found in a text before anything else. */
export const isAddedToken = (type: number): boolean => type === 2 || type === 3 || type === 4

/** Added tokens as `tokenizer.json` lists them. */
export function addedTokens({ tokens, types }: GgufVocabulary): object[] {
  return tokens.flatMap((content, id) =>
    isAddedToken(types[id]) ? [{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: types[id] !== 4 }] : [])
}

/** Adds bos before a whole text. */
export function bosTemplate({ tokens, bosToken }: GgufVocabulary, addBos: boolean): object | null {
  if (!addBos || bosToken === null) return null
  const bos = { SpecialToken: { id: bosToken, type_id: 0 } }
  const text = { Sequence: { id: 'A', type_id: 0 } }
  return {
    type: 'TemplateProcessing', single: [bos, text], pair: [bos, text],
    special_tokens: { [bosToken]: { id: bosToken, ids: [tokens.indexOf(bosToken)], tokens: [bosToken] } },
  }
}
