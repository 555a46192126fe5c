/**
 * Text to token ids and back, by transformers.js. Its ONNX runtimes, which run
 * no graph here, are replaced by their common interface (package.json's
 * overrides, vite.config.ts's alias): 430 MB less to install.
 */
import { PreTrainedTokenizer } from '@huggingface/transformers'
import { z } from 'zod'

export interface Tokenizer {
  /**
   * @param addSpecialTokens put the tokens around the text that the model wants
   *   around a whole one (e.g. `<s>`); false for pieces of one.
   */
  encode(text: string, addSpecialTokens: boolean): number[]
  /**
   * Ids of a piece of a longer text: special tokens are recognised, none are
   * added, and no space is put before it as some models put one before a text.
   */
  encodeMiddle(text: string): number[]
  /** @param skipSpecialTokens leave out tokens that are no text. */
  decode(ids: readonly number[], skipSpecialTokens: boolean): string
  /** The id of exactly this token, or null. */
  idOf(token: string): number | null
  /** Tokens that are no text but mark it (`<s>`, `<|im_end|>`), longest first. */
  readonly specialTokens: readonly string[]
  readonly bosToken: string | null
  readonly eosToken: string | null
  readonly padToken: string | null
  readonly unkToken: string | null
  /** The model's own Jinja chat template. */
  readonly chatTemplate: string | null
}

/** A tokenizer that cannot be used, or text it cannot take. */
export class TokenizerError extends Error {
  override readonly name = 'TokenizerError'
  /** What the person can do next. */
  readonly advice: string
  constructor(message: string, advice = "Fetch the model's tokenizer.json and tokenizer_config.json again from their origin.") {
    super(message)
    this.advice = advice
  }
}

const specialToken = z.union([z.string(), z.object({ content: z.string() }).transform((token) => token.content)]).nullish()
const chatTemplate = z.union([
  z.string(),
  // Several named templates: the default one is for chats.
  z.array(z.object({ name: z.string(), template: z.string() })).transform((all) => all.find((t) => t.name === 'default')?.template ?? null),
]).nullish()

const configSchema = z.looseObject({
  bos_token: specialToken,
  eos_token: specialToken,
  pad_token: specialToken,
  unk_token: specialToken,
  chat_template: chatTemplate,
})

const tokenizerSchema = z.looseObject({
  model: z.looseObject({ type: z.string().optional(), vocab: z.unknown() }),
  added_tokens: z.array(z.looseObject({ id: z.int().min(0), content: z.string() })).default([]),
})

/**
 * Makes a tokenizer from the contents of `tokenizer.json` and `tokenizer_config.json`.
 *
 * @param template contents of `chat_template.jinja`, which goes before the config's.
 * @throws {TokenizerError}
 */
export function createTokenizer(tokenizerJson: unknown, tokenizerConfig: unknown = {}, template: string | null = null): Tokenizer {
  const json = tokenizerSchema.safeParse(tokenizerJson)
  if (!json.success) throw new TokenizerError(`tokenizer.json is not a tokenizer: ${z.prettifyError(json.error)}`)
  const config = configSchema.safeParse(tokenizerConfig)
  if (!config.success) throw new TokenizerError(`tokenizer_config.json is not a tokenizer's configuration: ${z.prettifyError(config.error)}`)
  let inner: PreTrainedTokenizer
  try {
    inner = new PreTrainedTokenizer(json.data, { ...config.data, clean_up_tokenization_spaces: false })
  } catch (error) {
    throw new TokenizerError(`tokenizer.json describes a tokenizer that is not known here: ${(error as Error).message}.`)
  }
  const c = config.data
  const added = [...inner._tokenizer.get_added_tokens_decoder().values()]
  const plain = (text: string): number[] => inner.encode(text, { add_special_tokens: false })
  const idOf = (token: string): number | null => inner._tokenizer.token_to_id(token) ?? null
  // A text encoded behind a marker is not at the start. Some tokenizers take what follows a special token for a start.
  const markers = [added.find((token) => !token.rstrip && !token.normalized)?.content ?? '', '\n', '']
  const marker = markers.find((marker) => plain(`${marker}a`).at(-1) === idOf('a')) ?? ''
  const markerLength = plain(marker).length
  return {
    encodeMiddle: (text) => plain(marker + text).slice(markerLength),
    specialTokens: added.filter((token) => token.special).map((token) => token.content).sort((a, b) => b.length - a.length),
    encode: (text, addSpecialTokens) => inner.encode(text, { add_special_tokens: addSpecialTokens }),
    decode: (ids, skipSpecialTokens) => (ids.length ? inner.decode([...ids], { skip_special_tokens: skipSpecialTokens }) : ''),
    idOf,
    bosToken: c.bos_token ?? null,
    eosToken: c.eos_token ?? null,
    padToken: c.pad_token ?? null,
    unkToken: c.unk_token ?? null,
    chatTemplate: template ?? c.chat_template ?? null,
  }
}
