/** llama.cpp as a second witness: the same GGUF file and the same adapter give the same logits there and here. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freshAdapter } from '../../workers/engine/lora/adapter.ts'
import { exportGgufLora } from '../../workers/engine/lora/ggufExport.ts'
import { layoutOfSettings } from '../../workers/engine/lora/layout.ts'
import { placeAdapter } from '../../workers/engine/lora/residentAdapter.ts'
import { loraSettingsSchema } from '../../workers/engine/lora/settings.ts'
import { loadModel } from '../../workers/engine/model/loadModel.ts'
import type { LoadedModel } from '../../workers/engine/model/loadModel.ts'
import { modelFolder } from '../../workers/engine/node/modelFolder.ts'
import { openExecutor } from '../../workers/engine/plan/execute/openExecutor.ts'
import { openModel } from '../../workers/engine/weights/openModel.ts'
import { onDemandPackage } from '../helpers/onDemandPackage.ts'
import { missingReference, referencePath } from '../helpers/reference.ts'
import { largestDifference, logitsOf } from './logits.ts'

const version = '3.22.1'
const platform = `@node-llama-cpp/${{ darwin: 'mac', win32: 'win' }[process.platform as string] ?? 'linux'}-${process.arch}${process.platform === 'darwin' ? '-metal' : ''}`
const file = referencePath('models', 'stories260K', 'stories260K-f32.v3.gguf')

/** The parts of node-llama-cpp that are used. */
interface LlamaContext { getSequence(): { controlledEvaluate(input: unknown[]): Promise<{ next: { logits: Map<number, number> } }[]> }; dispose(): Promise<void> }
interface Llama { loadModel(options: object): Promise<{ createContext(options: object): Promise<LlamaContext> }>; dispose(): Promise<void> }

describe.skipIf(!file)(file ? 'llama.cpp' : missingReference('models', 'stories260K'), () => {
  const folder = mkdtempSync(join(tmpdir(), 'lanista-llama-'))
  let model: LoadedModel
  beforeAll(async () => {
    model = await loadModel(await openModel(await modelFolder(file!)), (await openExecutor(['wasm'])).executor)
  })
  afterAll(() => {
    model?.executor.dispose()
    rmSync(folder, { recursive: true })
  })

  it('gives the logits that are given here, of the base and with an exported adapter', { timeout: 360_000 }, async ({ skip }) => {
    const path = onDemandPackage('node-llama-cpp', version, [`${platform}@${version}`])
    if (!path) return skip('no network for node-llama-cpp')
    const ids = (JSON.parse(readFileSync(referencePath('models', 'stories260K', 'golden-logits.json')!, 'utf8')) as { token_ids: number[] }).token_ids.slice(0, 48)
    const settings = loraSettingsSchema.parse({ rank: 4, alpha: 8, targetModules: 'all-linear', rsLora: true })
    const adapter = freshAdapter(layoutOfSettings(model.config, settings), 3)
    for (let i = 0; i < adapter.b.length; i++) adapter.b[i] = 0.1 * Math.sin(i)
    const filePath = join(folder, 'adapter.gguf')
    writeFileSync(filePath, exportGgufLora(adapter, model.config, 'test'))

    const { getLlama } = (await import(join(path, 'dist', 'index.js'))) as { getLlama(options: object): Promise<Llama> }
    // Flash attention and the cache would round to 16 bits there.
    const llama = await getLlama({ gpu: false, build: 'never', logLevel: 'error' })
    const theirModel = await llama.loadModel({ modelPath: file! })
    const theirs = async (lora?: object): Promise<number[]> => {
      const context = await theirModel.createContext({ contextSize: 64, threads: 1, flashAttention: false, experimentalKvCacheKeyType: 'F32', experimentalKvCacheValueType: 'F32', lora })
      const output = await context.getSequence().controlledEvaluate([...ids.slice(0, -1), [ids.at(-1), { generateNext: { logits: true } }]])
      const { logits } = output.at(-1)!.next
      await context.dispose()
      return Array.from({ length: model.config.vocabularySize }, (_, id) => logits.get(id)!)
    }
    const last = [ids.length - 1]
    const base = await theirs()
    const ours = await logitsOf(model, ids, last)
    const tuned = await theirs({ adapters: [{ filePath, scale: 1 }] })
    const oursTuned = await logitsOf(model, ids, last, placeAdapter(model.executor, 'test', adapter))
    await llama.dispose()
    console.log(`largest differences of logits: base ${largestDifference(ours, base).toExponential(1)}, with the adapter ${largestDifference(oursTuned, tuned).toExponential(1)}`)
    expect(largestDifference(ours, oursTuned)).toBeGreaterThan(1)
    expect(largestDifference(ours, base)).toBeLessThan(1e-4)
    expect(largestDifference(oursTuned, tuned)).toBeLessThan(1e-4)
  })
})
