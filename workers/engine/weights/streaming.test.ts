/** A model of more than a gigabyte, as a sparse file of zeros, through the loader: JS holds a piece of it at a time. */
import { closeSync, ftruncateSync, mkdtempSync, openAsBlob, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { testGpu } from '../../../tests/helpers/gpu.ts'
import { configFromHuggingFace } from '../model/configFromHuggingFace.ts'
import { loadModel } from '../model/loadModel.ts'
import type { Executor } from '../plan/execute/executor.ts'
import { WasmExecutor } from '../plan/execute/wasm.ts'
import { WebGpuExecutor } from '../plan/execute/webgpu.ts'
import { expectedTensors } from './expectedTensors.ts'
import { openModel } from './openModel.ts'
import type { OpenModel } from './openModel.ts'
import { packedBytes } from './packedTensor.ts'

/** Qwen 2.5 0.5B's shape, with more layers. */
const config = {
  model_type: 'qwen2', hidden_act: 'silu', hidden_size: 896, intermediate_size: 4864, num_hidden_layers: 32, num_attention_heads: 14, num_key_value_heads: 2,
  vocab_size: 151_936, max_position_embeddings: 4096, rms_norm_eps: 1e-6, rope_theta: 1e6, tie_word_embeddings: true, bos_token_id: 1, eos_token_id: 2,
}
const folder = mkdtempSync(join(tmpdir(), 'lanista-sparse-'))
const gpu = await testGpu()
let model: OpenModel
let fileBytes = 0

beforeAll(async () => {
  const header: Record<string, unknown> = {}
  for (const [name, shape] of expectedTensors(configFromHuggingFace(config))) {
    header[name] = { dtype: 'BF16', shape, data_offsets: [fileBytes, fileBytes += packedBytes('bf16', shape)] }
  }
  const text = new TextEncoder().encode(JSON.stringify(header))
  const path = join(folder, 'model.safetensors')
  const file = openSync(path, 'w')
  const length = new Uint8Array(8)
  new DataView(length.buffer).setBigUint64(0, BigInt(text.length), true)
  writeSync(file, length)
  writeSync(file, text)
  ftruncateSync(file, 8 + text.length + fileBytes)
  closeSync(file)
  model = await openModel({ id: 'sparse', files: [
    { name: 'config.json', source: new Blob([JSON.stringify(config)]) },
    { name: 'model.safetensors', source: await openAsBlob(path) },
  ] })
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Bytes of JS's heap, array buffers included. */
function heap(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

async function mostHeapWhileLoading(executor: Executor): Promise<number> {
  const before = heap()
  let most = before
  try {
    await loadModel(model, executor, { onBytes: () => { most = Math.max(most, heap()) } })
    expect(executor.bytes()).toBeGreaterThanOrEqual(fileBytes)
  } finally {
    executor.dispose()
  }
  return Math.max(most, heap()) - before
}

it('is more than a gigabyte', () => expect(fileBytes).toBeGreaterThan(1e9))

it('stays below 300 MB of JS heap on WebAssembly, where its weights are kept packed', { timeout: 120_000 }, async () => {
  const executor = await WasmExecutor.open({ budget: 2 ** 31 })
  const most = await mostHeapWhileLoading(executor)
  expect(executor.unpacked).toBe(false)
  console.log(`most JS heap while ${(fileBytes / 1e6).toFixed(0)} MB were loaded: ${(most / 1e6).toFixed(0)} MB`)
  expect(most).toBeLessThan(300e6)
})

it.skipIf(!gpu)('stays below 300 MB of JS heap on WebGPU', { timeout: 120_000 }, async () => {
  const most = await mostHeapWhileLoading(new WebGpuExecutor({ gpu: gpu! }))
  console.log(`most JS heap while ${(fileBytes / 1e6).toFixed(0)} MB were loaded: ${(most / 1e6).toFixed(0)} MB`)
  expect(most).toBeLessThan(300e6)
})
