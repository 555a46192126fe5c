import type { SamplingSettings } from '../../protocol.ts'
import type { PlannedAdapter } from '../model/decoderContext.ts'
import type { LoadedModel } from '../model/loadModel.ts'
import type { Tokenizer } from '../tokenizer/tokenizer.ts'
import { Sampler } from './sampler.ts'
import { heldBack } from './stopStrings.ts'
import { TokenStream } from './tokenStream.ts'

export interface GenerateOptions {
  /** Resident under its id; null: the base alone. */
  adapter: PlannedAdapter | null
  tokenizer: Tokenizer
  prompt: readonly number[]
  sampling: SamplingSettings
  /** Tokens that end the text. */
  stopIds: readonly number[]
  /** Called with each new piece of text. */
  onText?: (text: string, tokensPerSecond: number) => void
  signal?: AbortSignal
  /** Lets other work in between tokens. */
  between?: () => Promise<void>
}

export interface Generated {
  text: string
  /** Without the token that stopped it. */
  ids: number[]
  reason: 'stop' | 'length'
}

/** Continues a prompt until a stop token, a stop string, `maxTokens`, or the model's context is full. */
export async function generate(model: LoadedModel, options: GenerateOptions): Promise<Generated> {
  const { adapter, tokenizer, prompt, sampling, stopIds, onText, signal, between } = options
  if (!prompt.length) throw new RangeError('A text cannot be continued from no token at all: the prompt is empty.')
  const longest = Math.min(model.config.contextLength, prompt.length + sampling.maxTokens)
  if (prompt.length >= longest && sampling.maxTokens > 0) {
    throw new RangeError(`The prompt has ${prompt.length} tokens, the model's context ends at ${model.config.contextLength}: shorten it.`)
  }
  const stream = new TokenStream(model, adapter, longest)
  const sampler = new Sampler(sampling)
  const ids: number[] = []
  let sent = 0
  const started = performance.now()
  const tell = (text: string, end: number): void => {
    if (end <= sent) return
    onText?.(text.slice(sent, end), (ids.length * 1000) / (performance.now() - started))
    sent = end
  }
  try {
    let logits = await stream.append(prompt)
    for (;;) {
      signal?.throwIfAborted()
      const next = sampler.next(logits, [...prompt, ...ids])
      if (stopIds.includes(next)) return finish('stop')
      ids.push(next)
      const text = tokenizer.decode(ids, true)
      const { stopAt, safe } = heldBack(text, sampling.stop)
      if (stopAt !== null) {
        tell(text, stopAt)
        return { text: text.slice(0, stopAt), ids, reason: 'stop' }
      }
      tell(text, safe)
      if (ids.length >= sampling.maxTokens || prompt.length + ids.length >= longest) return finish('length')
      await between?.()
      logits = await stream.append([next])
    }
  } finally {
    stream.dispose()
  }

  function finish(reason: Generated['reason']): Generated {
    const text = tokenizer.decode(ids, true)
    tell(text, text.length)
    return { text, ids, reason }
  }
}
