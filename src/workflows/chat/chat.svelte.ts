/** One question to a base model and to adapters on it; answers side by side, each with its own memory of the talk. */
import type { ChatMessage } from '../../data/row.ts'
import type { AdapterFiles, Backend, GenerateCommand, GenerateEvent, Progress, SamplingSettings } from '../../../workers/protocol.ts'
import { searching } from '../searching.ts'
import { WorkerLine } from '../workerLine.ts'
import type { ChatAdapter, ChatBase } from './chatChoices.ts'

export class Voice {
  /** Null: the base alone. */
  readonly adapter: ChatAdapter | null
  turns: ChatMessage[] = $state([])
  state: 'idle' | 'waiting' | 'fetching' | 'writing' = $state('idle')
  rate = $state(0)
  error: unknown = $state.raw(null)
  files: AdapterFiles | null = null

  constructor(adapter: ChatAdapter | null) {
    this.adapter = adapter
  }
}

export class Chat {
  voices: Voice[] = $state([new Voice(null)])
  /** What it waits for. */
  waiting: { what: string; progress: Progress } | null = $state(null)
  device = $state('')
  fallbacks: string[] = $state([])
  readonly #line = new WorkerLine<GenerateCommand, GenerateEvent>(() => new Worker(new URL('../../../workers/generate.worker.ts', import.meta.url), { type: 'module' }))
  #abort: AbortController | null = null

  get busy(): boolean {
    return this.voices.some(({ state }) => state !== 'idle')
  }

  /** Chooses who answers; those who stay keep what was said. */
  choose(adapters: readonly ChatAdapter[]): void {
    const kept = new Map(this.voices.map((voice) => [voice.adapter?.key ?? '', voice]))
    this.voices = [null, ...adapters].map((adapter) => kept.get(adapter?.key ?? '') ?? new Voice(adapter))
  }

  clear(): void {
    for (const voice of this.voices) Object.assign(voice, { turns: [], error: null })
  }

  /** Asks all, one after the other: they share the base that is on the device. */
  async ask(base: ChatBase, question: string, system: string, sampling: SamplingSettings, backends: Backend[] = ['webgpu', 'wasm', 'cpu']): Promise<void> {
    const abort = (this.#abort = new AbortController())
    for (const voice of this.voices) {
      voice.turns.push({ role: 'user', content: question })
      Object.assign(voice, { state: 'waiting', error: null })
    }
    try {
      const model = await base.source({ signal: abort.signal, onProgress: (what, progress) => (this.waiting = { what, progress }) })
      for (const voice of this.voices) {
        if (abort.signal.aborted) break
        try {
          voice.state = 'fetching'
          voice.files ??= (await voice.adapter?.load(abort.signal)) ?? null
          await this.#answer(voice, { model, text: base.text, adapter: voice.files, sampling, backends, messages: { system: system || null, conversations: $state.snapshot(voice.turns) } }, abort.signal)
        } catch (error) {
          if (!abort.signal.aborted) voice.error = error
        }
        voice.state = 'idle'
      }
    } catch (error) {
      if (!abort.signal.aborted) this.voices[0]!.error = error
    } finally {
      for (const voice of this.voices) voice.state = 'idle'
      this.waiting = null
    }
  }

  stop(): void {
    this.#abort?.abort()
  }

  /** Lets go of the worker and of the model on its device. */
  dispose(): void {
    this.stop()
    this.#line.dispose()
  }

  async #answer(voice: Voice, command: Omit<Extract<GenerateCommand, { type: 'generate' }>, 'type' | 'runId'>, signal: AbortSignal): Promise<void> {
    const answer = (text: string) => {
      if (voice.turns.at(-1)!.role !== 'assistant') voice.turns.push({ role: 'assistant', content: '' })
      voice.turns.at(-1)!.content += text
    }
    const onEvent = (event: GenerateEvent) => {
      if (event.type === 'loading') this.waiting = { what: `Loading ${event.file}`, progress: event.progress }
      else if (event.type === 'tuning') this.waiting = { what: searching(event), progress: event.progress }
      else if (event.type === 'backend') {
        Object.assign(this, { device: event.device, fallbacks: event.fallbacks, waiting: null })
        voice.state = 'writing'
      } else if (event.type === 'token') {
        this.waiting = null
        voice.rate = event.tokensPerSecond
        answer(event.text)
      }
    }
    try {
      await this.#line.ask({ type: 'generate', ...command }, 'finished', { signal, onEvent })
    } catch (error) {
      if (!signal.aborted) throw error
    }
    // An answer may be empty: the next question still has to follow one.
    answer('')
  }
}
