/** The workers in Chromium, on the bundled model: built by Vite, WebGPU first. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright'
import type { Browser, BrowserContext } from 'playwright'
import { build, preview } from 'vite'
import type { PreviewServer } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureChromium, launchChromium } from '../../tools/chromium.ts'
import { loraSettingsSchema, trainingSettingsSchema } from '../../workers/protocol.ts'
import type { AdapterFiles, Backend, GenerateEvent, ModelSource, ScoreEvent, TrainCommandStart, TrainEvent } from '../../workers/protocol.ts'
import type { Conversation } from './page.ts'

const root = join(import.meta.dirname, '../..')
const outDir = mkdtempSync(join(tmpdir(), 'lanista-workers-'))
let server: PreviewServer
let browser: Browser
let context: BrowserContext
let origin: string

beforeAll(async () => {
  const config = { root: import.meta.dirname, configFile: join(root, 'vite.config.ts'), publicDir: join(root, 'public'), logLevel: 'error' as const }
  await build({ ...config, build: { outDir, emptyOutDir: true, rolldownOptions: { input: join(import.meta.dirname, 'page.html') } } })
  server = await preview({ ...config, build: { outDir }, preview: { host: '127.0.0.1', port: 0, strictPort: false } })
  origin = new URL(server.resolvedUrls!.local[0]).origin
  browser = await launchChromium()
  context = await browser.newContext()
}, 120_000)

afterAll(async () => {
  await browser?.close()
  await server?.close()
  rmSync(outDir, { recursive: true, force: true })
})

const model = (): ModelSource => ({
  id: 'stories260K',
  files: ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json']
    .map((name) => ({ name, source: `${origin}/models/stories260K/${name}` })),
})

const text = { contextLength: 64 }
const rows = ['cat', 'dog', 'bird', 'fish', 'frog', 'bear', 'duck', 'goat'].map((animal) => ({
  conversations: [
    { role: 'user' as const, content: `The ${animal} said:` },
    { role: 'assistant' as const, content: ` I am a ${animal} and I sing all day long.` },
  ],
}))

const command = (runId: string, backends: Backend[], training: Record<string, unknown> = {}): TrainCommandStart => ({
  type: 'train', runId, model: model(), text, rows, backends, resume: false,
  lora: loraSettingsSchema.parse({ rank: 4, alpha: 8, targetModules: ['q_proj', 'v_proj'] }),
  training: trainingSettingsSchema.parse({ steps: 6, batchSize: 2, learningRate: 1e-2, evaluateEvery: 3, checkpointEvery: 2, validationShare: 0.25, ...training }),
})

async function converse<E>(conversation: Conversation, within = context): Promise<E[]> {
  const page = await within.newPage()
  try {
    await page.goto(`${origin}/page.html`)
    return (await page.evaluate((c) => globalThis.converse(c as Conversation), conversation as unknown)) as E[]
  } finally {
    await page.close()
  }
}

async function databases(within: BrowserContext): Promise<(string | undefined)[]> {
  const page = await within.newPage()
  await page.goto(`${origin}/page.html`)
  const found = await page.evaluate(() => indexedDB.databases())
  await page.close()
  return found.map(({ name }) => name)
}

const only = <T extends TrainEvent['type']>(events: TrainEvent[], type: T) => events.filter((event) => event.type === type) as Extract<TrainEvent, { type: T }>[]

describe('workers in Chromium', () => {
  let adapter: AdapterFiles

  it('trains on WebGPU: the loss falls, an adapter comes out', async () => {
    const events = await converse<TrainEvent>({ worker: 'train', command: command('gpu', ['webgpu', 'wasm', 'cpu']) })
    expect(events.at(-1)).toMatchObject({ type: 'finished', reason: 'steps', steps: 6 })
    expect(only(events, 'backend')[0]).toMatchObject({ backend: 'webgpu', fallbacks: [] })
    const evaluations = only(events, 'evaluated').map(({ loss }) => loss)
    expect(evaluations.at(-1)).toBeLessThan(evaluations[0] - 0.2)
    adapter = only(events, 'finished')[0].adapter
  }, 120_000)

  it('trains on WASM to the same losses', async () => {
    const gpu = await converse<TrainEvent>({ worker: 'train', command: command('a', ['webgpu'], { steps: 3 }) })
    const wasm = await converse<TrainEvent>({ worker: 'train', command: command('b', ['wasm'], { steps: 3 }) })
    const losses = (events: TrainEvent[]) => only(events, 'step').map(({ loss }) => loss)
    expect(losses(wasm)).toHaveLength(3)
    // Adam's first steps divide tiny gradients by tiny gradients: rounding grows from step to step.
    losses(gpu).forEach((loss, i) => expect(Math.abs(loss / losses(wasm)[i] - 1)).toBeLessThan(i ? 5e-4 : 1e-5))
  }, 120_000)

  it('scores base and adapter alike on WebGPU and WASM', async () => {
    const scores = await Promise.all((['webgpu', 'wasm'] as const).map(async (backend) => {
      const events = await converse<ScoreEvent>({
        worker: 'validate',
        command: {
          type: 'score', runId: backend, model: model(), text, rows, parameterLimit: 1_000_000, backends: [backend],
          items: [
            { id: 'base', adapter: null }, { id: 'tuned', adapter },
            { id: 'broken', adapter: { ...adapter, 'adapter_model.safetensors': adapter['adapter_model.safetensors'].slice(0, 500) } },
          ],
        },
      })
      const end = events.at(-1)
      if (end?.type !== 'finished') throw new Error(JSON.stringify(end))
      expect(end.verdicts[2].verdict.kind).toBe('invalid')
      return end.verdicts.slice(0, 2).map(({ verdict }) => (verdict.kind === 'score' ? verdict.microBitsPerByte : Number.NaN))
    }))
    const [gpu, wasm] = scores
    expect(gpu[1]).toBeLessThan(gpu[0] * 0.95)
    gpu.forEach((score, i) => expect(Math.abs(score / wasm[i] - 1)).toBeLessThan(1e-4))
  }, 120_000)

  it('falls back with a sentence when there is no WebGPU', async () => {
    // Without the flag that allows software, there is no adapter on a machine without a GPU.
    const plain = await chromium.launch({ executablePath: ensureChromium(), args: ['--no-sandbox', '--disable-gpu'] })
    try {
      const events = await converse<TrainEvent>({ worker: 'train', command: command('fallback', ['webgpu', 'wasm'], { steps: 1 }) }, await plain.newContext())
      const [backend] = only(events, 'backend')
      expect(backend.backend).toBe('wasm')
      expect(backend.fallbacks[0]).toMatch(/^WebGPU cannot be used here: /)
    } finally {
      await plain.close()
    }
  }, 120_000)

  it.each(['OPFS', 'IndexedDB'])('goes on from the checkpoint in %s after its tab was closed', async (place) => {
    const within = await browser.newContext()
    // As Safari before 26: OPFS, but no way to replace a file as a whole.
    if (place === 'IndexedDB') {
      await within.route(/train\.worker.*\.js/, async (route) => {
        const response = await route.fetch()
        await route.fulfill({ response, body: `${await response.text()}\ndelete FileSystemFileHandle.prototype.createWritable` })
      })
    }
    const first = await converse<TrainEvent>({ worker: 'train', command: command('kept', ['wasm']), killAt: { type: 'checkpoint', count: 2 } }, within)
    expect(only(first, 'step').length).toBeGreaterThanOrEqual(4)
    expect(await databases(within)).toEqual(place === 'IndexedDB' ? ['lanista-checkpoints'] : [])
    const second = await converse<TrainEvent>({ worker: 'train', command: { ...command('kept', ['wasm']), resume: true } }, within)
    expect(only(second, 'resumed')).toMatchObject([{ step: 4 }])
    expect(only(second, 'step').map(({ step }) => step)).toEqual([5, 6])
    expect(second.at(-1)).toMatchObject({ type: 'finished', steps: 6 })
    // A finished run has no checkpoint any more.
    const third = await converse<TrainEvent>({ worker: 'train', command: { ...command('kept', ['wasm'], { steps: 1 }), resume: true } }, within)
    expect(only(third, 'resumed')).toEqual([])
    await within.close()
  }, 120_000)

  it('pauses, goes on, stops and is cancelled from outside', async () => {
    const paused = await converse<TrainEvent>({
      worker: 'train', command: command('hand', ['wasm'], { steps: 500, patience: 0, evaluateEvery: 500 }),
      replies: [
        { at: { type: 'step', count: 2 }, command: { type: 'pause', runId: 'hand' } },
        { at: { type: 'paused', count: 1 }, command: { type: 'resume', runId: 'hand' } },
        { at: { type: 'step', count: 6 }, command: { type: 'stop', runId: 'hand' } },
      ],
    })
    expect(only(paused, 'paused')).toHaveLength(1)
    expect(paused.at(-1)).toMatchObject({ type: 'finished', reason: 'stopped' })
    const cancelled = await converse<TrainEvent>({
      worker: 'train', command: command('gone', ['wasm'], { steps: 500 }),
      replies: [{ at: { type: 'step', count: 1 }, command: { type: 'cancel', runId: 'gone' } }],
    })
    expect(cancelled.at(-1)).toEqual({ type: 'cancelled', runId: 'gone' })
  }, 120_000)

  it('streams an answer on WebGPU, the same as on WASM', async () => {
    const [gpu, wasm] = await Promise.all((['webgpu', 'wasm'] as const).map((backend) => converse<GenerateEvent>({
      worker: 'generate',
      command: {
        type: 'generate', runId: backend, model: model(), text: { contextLength: 128 }, adapter, backends: [backend],
        messages: { conversations: [{ role: 'user', content: 'The cat said:' }] },
        sampling: { maxTokens: 24, temperature: 0, topK: 0, topP: 1, repetitionPenalty: 1, stop: [], seed: 1 },
      },
    })))
    for (const events of [gpu, wasm]) {
      const end = events.at(-1)
      if (end?.type !== 'finished') throw new Error(JSON.stringify(end))
      expect(events.flatMap((event) => (event.type === 'token' ? [event.text] : [])).join('')).toBe(end.text)
    }
    expect(gpu.at(-1)).toMatchObject({ text: (wasm.at(-1) as { text: string }).text })
  }, 120_000)

  it('tells of a model that is not there', async () => {
    const lost: TrainCommandStart = { ...command('lost', ['wasm']), model: { id: 'x', files: [{ name: 'config.json', source: `${origin}/nothing.json` }] } }
    const events = await converse<TrainEvent>({ worker: 'train', command: lost })
    const end = events.at(-1)
    if (end?.type !== 'failed') throw new Error(JSON.stringify(end))
    expect(end.error.advice.length).toBeGreaterThan(10)
  }, 60_000)
})
