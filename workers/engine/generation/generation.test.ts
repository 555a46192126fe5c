import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { missingReference, referencePath } from '../../../tests/helpers/reference.ts'
import { storiesOnWasm } from '../../../tests/helpers/stories.ts'
import type { SamplingSettings } from '../../protocol.ts'
import { freshAdapter } from '../lora/adapter.ts'
import type { Adapter } from '../lora/adapter.ts'
import { layoutOfSettings } from '../lora/layout.ts'
import { mergeAdapter, unmergeAdapter } from '../lora/merge.ts'
import { placeAdapter, removeAdapter } from '../lora/residentAdapter.ts'
import { loadModel } from '../model/loadModel.ts'
import { modelFolder } from '../node/modelFolder.ts'
import { openExecutor } from '../plan/execute/openExecutor.ts'
import { openModel } from '../weights/openModel.ts'
import { loraSettingsSchema } from '../lora/settings.ts'
import type { PlannedAdapter } from '../model/decoderContext.ts'
import { Random } from '../../../src/data/random.ts'
import { generate } from './generate.ts'
import { TokenStream } from './tokenStream.ts'

const greedy: SamplingSettings = { maxTokens: 40, temperature: 0, topK: 0, topP: 1, repetitionPenalty: 1, stop: [], seed: 1 }
const storyFile = referencePath('models', 'stories260K', 'expected_stdout.py.txt')

const stories = storiesOnWasm()

const write = (prompt: string, sampling: Partial<SamplingSettings> = {}, adapter: PlannedAdapter | null = null, from = stories.model) =>
  generate(from, { adapter, tokenizer: stories.tokenizer, prompt: stories.tokenizer.encode(prompt, true), stopIds: [2], sampling: { ...greedy, ...sampling } })

/** An adapter that changes what the model says. */
function loudAdapter(seed: number): Adapter {
  const layout = layoutOfSettings(stories.model.config, loraSettingsSchema.parse({ rank: 4, alpha: 4, targetModules: ['q_proj', 'o_proj', 'down_proj'] }))
  const adapter = freshAdapter(layout, seed)
  const random = new Random(seed)
  for (const { offsetB, out, rank } of layout.modules) {
    for (let i = 0; i < out * rank; i++) adapter.b[offsetB + i] = random.uniform() / 2 - 0.25
  }
  return adapter
}

describe('generation on wasm', () => {
  it.skipIf(!storyFile)(storyFile ? "writes llama2.c's 200 greedy tokens" : missingReference('models/stories260K'), async () => {
    const recorded = /b(["'])(.*)\1/s.exec(readFileSync(storyFile!, 'utf8'))![2].replaceAll('\\n', '\n').replaceAll("\\'", "'")
    const { text, reason } = await generate(stories.model, {
      adapter: null, tokenizer: stories.tokenizer, prompt: [1], stopIds: [], sampling: { ...greedy, maxTokens: 200 },
    })
    expect(reason).toBe('length')
    // llama2.c counts the start of the text among its 200 steps.
    expect(text.startsWith(recorded)).toBe(true)
    expect(text.length - recorded.length).toBeLessThan(12)
  })

  it.skipIf(!storyFile)('writes them from a GGUF file and its own vocabulary as well', async () => {
    const own = await openModel(await modelFolder(referencePath('models', 'stories260K', 'stories260K-f32.v3.gguf')!))
    const { executor } = await openExecutor(['wasm'])
    const tokenizer = await own.tokenizer()
    const sampling = { ...greedy, maxTokens: 200 }
    const { text } = await generate(await loadModel(own, executor), { adapter: null, tokenizer, prompt: tokenizer.encode('', true), stopIds: [], sampling })
    executor.dispose()
    expect(text).toBe((await generate(stories.model, { adapter: null, tokenizer: stories.tokenizer, prompt: [1], stopIds: [], sampling })).text)
  })

  it('says the same whether the prompt comes at once or token by token', async () => {
    const ids = stories.tokenizer.encode('Once upon a time, there was a dragon. '.repeat(6), true)
    expect(ids.length).toBeGreaterThan(64)
    const whole = new TokenStream(stories.model, null, 256)
    const atOnce = await whole.append(ids)
    whole.dispose()
    const slow = new TokenStream(stories.model, null, 256)
    let last = new Float32Array(0)
    for (const id of ids) last = new Float32Array(await slow.append([id]))
    slow.dispose()
    last.forEach((value, i) => expect(Math.abs(value - atOnce[i])).toBeLessThan(1e-3))
  })

  it('repeats a sampled text with its seed, and not with another', async () => {
    const sampling = { temperature: 1, topP: 0.95, topK: 50 }
    const first = await write('Once upon a time', sampling)
    expect((await write('Once upon a time', sampling)).text).toBe(first.text)
    expect((await write('Once upon a time', { ...sampling, seed: 2 })).text).not.toBe(first.text)
  })

  it('ends before a stop string and streams exactly the text', async () => {
    let streamed = ''
    const { text, reason } = await generate(stories.model, {
      adapter: null, tokenizer: stories.tokenizer, prompt: stories.tokenizer.encode('Once upon a time', true), stopIds: [2],
      sampling: { ...greedy, stop: ['. She', 'xyz'] }, onText: (piece) => { streamed += piece },
    })
    expect(reason).toBe('stop')
    expect(text).toBe(streamed)
    expect(text).toMatch(/Lily$/)
  })

  it('can be aborted', async () => {
    const abort = new AbortController()
    const running = generate(stories.model, {
      adapter: null, tokenizer: stories.tokenizer, prompt: [1], stopIds: [], sampling: greedy, signal: abort.signal, onText: () => abort.abort(),
    })
    await expect(running).rejects.toThrow(/abort/i)
  })

  it('holds several adapters beside one base, and merges one in and out exactly', async () => {
    const { executor } = stories.model
    const round = async (): Promise<void> => {
      const [one, two] = [loudAdapter(1), loudAdapter(2)]
      const base = (await write('Once upon a time')).text
      const placed = [placeAdapter(stories.model.executor, 'one', one), placeAdapter(stories.model.executor, 'two', two)]
      const texts = [await write('Once upon a time', {}, placed[0]), await write('Once upon a time', {}, placed[1])].map(({ text }) => text)
      expect(new Set([base, ...texts]).size).toBe(3)
      expect((await write('Once upon a time')).text).toBe(base)
      const merged = await mergeAdapter(stories.model, stories.open.tensors, one)
      expect((await write('Once upon a time', {}, null, merged)).text).toBe(texts[0])
      await unmergeAdapter(stories.model, stories.open.tensors, one)
      expect((await write('Once upon a time')).text).toBe(base)
      expect((await write('Once upon a time', {}, placed[1])).text).toBe(texts[1])
      for (const adapter of placed) removeAdapter(stories.model.executor, adapter)
    }
    await round()
    const bytes = executor.bytes()
    await round()
    expect(executor.bytes()).toBe(bytes)
  })
})
