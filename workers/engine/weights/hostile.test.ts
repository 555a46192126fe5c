import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configFromHuggingFace } from '../model/configFromHuggingFace.ts'
import type { ModelFile } from '../../protocol.ts'
import { openModel } from './openModel.ts'
import { openModelFile } from './openModelFile.ts'
import { readSafetensorsHeader } from './safetensors.ts'
import { bytesSource } from './source.ts'

const bundled = join(import.meta.dirname, '../../../public/models/stories260K')
const read = (name: string) => new Uint8Array(readFileSync(join(bundled, name)))
const weights = read('model.safetensors')
const header = JSON.parse(new TextDecoder().decode(weights.slice(8, 8 + Number(new DataView(weights.buffer).getBigUint64(0, true))))) as Record<string, { shape: number[]; data_offsets: [number, number] }>
const configJson = JSON.parse(new TextDecoder().decode(read('config.json'))) as Record<string, unknown>

/** A safetensors file of this header and data. */
function safetensors(header: unknown, data = new Uint8Array(64)): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
  const file = new Uint8Array(8 + text.length + data.length)
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true)
  file.set(text, 8)
  file.set(data, 8 + text.length)
  return file
}

describe('hostile safetensors files are refused', () => {
  const entry = (dtype: string, shape: number[], from: number, to: number) => ({ dtype, shape, data_offsets: [from, to] })
  const giant = new Uint8Array(16)
  new DataView(giant.buffer).setBigUint64(0, 2n ** 60n, true)
  it.each([
    ['too short', new Uint8Array(4), /truncated/],
    ['a giant header', giant, /over the limit/],
    ['a header that is not there', safetensors({}).slice(0, 9), /truncated/],
    ['no JSON', safetensors('{"a":'), /not the JSON object/],
    ['a list', safetensors('[1]'), /not the JSON object/],
    ['a tensor beyond the end', safetensors({ a: entry('F32', [32], 0, 128) }), /truncated/],
    ['bytes that do not fit the shape', safetensors({ a: entry('F32', [3], 0, 16) }), /needs 12 bytes, its range has 16/],
    ['a backward range', safetensors({ a: entry('F32', [0], 8, 4) }), /its range has -4/],
    ['overlapping tensors', safetensors({ a: entry('F32', [4], 0, 16), b: entry('F32', [4], 8, 24) }), /a and b overlap/],
    ['an unknown type', safetensors({ a: entry('F8_E4M3', [16], 0, 16) }), /F8_E4M3/],
    ['a negative shape', safetensors({ a: entry('F32', [-4], 0, 16) }), /described wrongly/],
    ['an immense shape', safetensors({ a: entry('F32', [2 ** 50, 2 ** 50], 0, 16) }), /needs/],
    ['a tensor that is no object', safetensors({ a: 5 }), /described wrongly/],
  ] as [string, Uint8Array, RegExp][])('%s', async (_, bytes, reason) => {
    await expect(readSafetensorsHeader(bytesSource(bytes, 'x'))).rejects.toMatchObject({ name: 'WeightsError', message: expect.stringMatching(reason) })
  })

  it('a misaligned one is read all the same', async () => {
    const file = safetensors('{"a":{"dtype":"F32","shape":[4],"data_offsets":[1,17]}}')
    expect((await readSafetensorsHeader(bytesSource(file, 'x'))).tensors.get('a')).toMatchObject({ length: 16 })
  })
})

describe('models are refused', () => {
  const files = (change: { config?: object; weights?: Uint8Array<ArrayBuffer> | null }): ModelFile[] => [
    { name: 'config.json', source: new Blob([JSON.stringify({ ...configJson, ...change.config })]) },
    { name: 'tokenizer.json', source: new Blob([read('tokenizer.json')]) },
    ...(change.weights === null ? [] : [{ name: 'model.safetensors', source: new Blob([change.weights ?? weights]) }]),
  ]
  const renamed = (from: string, to: string) => {
    const text = new TextDecoder('latin1').decode(weights).replace(`"${from}"`, `"${to}"`)
    return Uint8Array.from(text, (character) => character.charCodeAt(0))
  }
  const withNaN = weights.slice()
  new DataView(withNaN.buffer).setUint32(withNaN.length - header['model.norm.weight'].data_offsets[1] + header['model.norm.weight'].data_offsets[0], 0x7fc00000, true)

  it.each([
    ['an unknown architecture', { config: { model_type: 'mamba' } }, /Architecture "mamba"/],
    ['another activation', { config: { hidden_act: 'gelu' } }, /Activation "gelu"/],
    ['unknown RoPE scaling', { config: { rope_scaling: { type: 'yarn', factor: 4 } } }, /RoPE scaling/],
    ['heads that do not divide', { config: { num_key_value_heads: 3 } }, /cannot share 3/],
    ['numbers that are none', { config: { hidden_size: 'large' } }, /hidden_size/],
    ['misshapen tensors', { config: { intermediate_size: 200 } }, /shape \[172, 64\], the configuration needs \[200, 64\]/],
    ['missing layers', { config: { num_hidden_layers: 6 } }, /model\.layers\.5\..* is missing/],
    ['a missing head', { config: { tie_word_embeddings: false } }, /lm_head\.weight is missing/],
    ['a missing tensor', { weights: renamed('model.norm.weight', 'model.gone.weight') }, /model\.norm\.weight is missing/],
    ['no weights', { weights: null }, /no model\.safetensors/],
    ['truncated weights', { weights: weights.slice(0, -100) }, /truncated/],
  ] as [string, Parameters<typeof files>[0], RegExp][])('%s', async (_, change, reason) => {
    await expect(openModel({ id: 'x', files: files(change) })).rejects.toMatchObject({ message: expect.stringMatching(reason), advice: expect.any(String) })
  })

  it('NaN weights, when they are read', async () => {
    const model = await openModel({ id: 'x', files: files({ weights: withNaN }) })
    await expect((async () => { for await (const _ of model.stream()); })()).rejects.toThrow(/no finite number/)
  })

  it('a file that is not the one that was named', async () => {
    const file = { name: 'config.json', source: new Blob(['{}']), sha256: '0'.repeat(64) }
    await expect(openModelFile(file)).rejects.toThrow(/has SHA-256 44136fa3/)
  })
})

describe('configurations of transformers', () => {
  const base = { ...configJson, num_hidden_layers: 3 }
  it('windows by layer types, by max_window_layers, and switched off', () => {
    const windows = (config: object) => configFromHuggingFace({ ...base, ...config }).windows
    expect(windows({ model_type: 'mistral', sliding_window: 8 })).toEqual([8, 8, 8])
    expect(windows({ model_type: 'qwen2', sliding_window: 8, use_sliding_window: false })).toEqual([null, null, null])
    expect(windows({ model_type: 'qwen2', sliding_window: 8, use_sliding_window: true, max_window_layers: 1 })).toEqual([null, 8, 8])
    expect(windows({ model_type: 'qwen3', sliding_window: 8, layer_types: ['full_attention', 'sliding_attention', 'full_attention'] })).toEqual([null, 8, null])
  })

  it('RoPE scaling in its old and new places, biases by family', () => {
    const scaling = { factor: 8, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 8192 }
    const old = configFromHuggingFace({ ...base, rope_theta: 5e5, rope_scaling: { rope_type: 'llama3', ...scaling } })
    const now = configFromHuggingFace({ ...base, rope_parameters: { rope_type: 'llama3', rope_theta: 5e5, ...scaling } })
    expect(now.rope).toEqual(old.rope)
    expect(configFromHuggingFace({ ...base, model_type: 'qwen2' })).toMatchObject({ qkvBias: true, outputBias: false, qkNorm: false })
    expect(configFromHuggingFace({ ...base, model_type: 'qwen3' })).toMatchObject({ qkvBias: false, qkNorm: true })
    expect(configFromHuggingFace({ ...base, attention_bias: true })).toMatchObject({ qkvBias: true, outputBias: true })
    expect(configFromHuggingFace({ ...base, eos_token_id: [2, 5] }).eosTokenIds).toEqual([2, 5])
  })
})

describe('files behind URLs', () => {
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i % 251)
  const large = new Uint8Array(9 * 2 ** 20).fill(7)
  let server: Server
  let url: string
  beforeAll(async () => {
    server = createServer(({ url, headers }, response) => {
      const [, from, to] = /bytes=(\d+)-(\d+)/.exec(headers.range ?? '') ?? []
      if (url === '/missing') response.writeHead(404).end()
      else if (url === '/large') response.writeHead(200, { 'content-length': large.length }).end(large)
      else if (url === '/short') response.writeHead(206, { 'content-range': `bytes ${from}-${to}/1000` }).end(bytes.subarray(Number(from), Number(from) + 1))
      else if (url === '/ranges' && from) response.writeHead(206, { 'content-range': `bytes ${from}-${to}/1000` }).end(bytes.subarray(Number(from), Number(to) + 1))
      else response.end(bytes)
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => { server.close() })

  it('make a model: headers first, then each tensor by its range', async () => {
    const asked: string[] = []
    const host = createServer(({ url, headers }, response) => {
      const file = read(url!.slice(1))
      const [, from, to] = /bytes=(\d+)-(\d+)/.exec(headers.range ?? '') ?? []
      asked.push(`${url} ${from ?? ''}`)
      if (!from) response.end(file)
      else response.writeHead(206, { 'content-range': `bytes ${from}-${to}/${file.length}` }).end(file.subarray(Number(from), Number(to) + 1))
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => host.once('listening', resolve))
    try {
      const at = `http://127.0.0.1:${(host.address() as AddressInfo).port}`
      const model = await openModel({ id: 'x', files: ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'model.safetensors'].map((name) => ({ name, source: `${at}/${name}` })) })
      expect(model.parameters).toBe(260_032)
      expect((await model.tokenizer()).encode('Once upon a time', true)).toEqual([1, 403, 407, 261, 378])
      const ranges = (): string[] => asked.filter((line) => line.startsWith('/model.safetensors'))
      expect(ranges()).toHaveLength(3)
      let tensors = 0
      for await (const [name, rows] of model.stream()) {
        tensors++
        const { offset, length } = { offset: header[name].data_offsets[0], length: header[name].data_offsets[1] - header[name].data_offsets[0] }
        const start = weights.length - Math.max(...Object.values(header).map(({ data_offsets }) => data_offsets?.[1] ?? 0)) + offset
        expect(Buffer.compare(rows.bytes, weights.subarray(start, start + length))).toBe(0)
      }
      expect(ranges()).toHaveLength(3 + tensors)
    } finally {
      host.close()
    }
  })

  it.each(['/ranges', '/whole'])('are read from servers with and without ranges: %s', async (path) => {
    const source = await openModelFile({ name: 'x', source: url + path })
    expect(source.size).toBe(1000)
    expect([...(await source.read(500, 3))]).toEqual([...bytes.subarray(500, 503)])
    await expect(source.read(990, 20)).rejects.toThrow(/truncated/)
  })

  it('are fetched as a whole only when they are read, where a server without ranges tells their length', async () => {
    const source = await openModelFile({ name: 'x', source: `${url}/large` })
    expect(source.size).toBe(large.length)
    expect([...(await source.read(large.length - 2, 2))]).toEqual([7, 7])
    await expect(source.read(large.length - 1, 2)).rejects.toThrow(/truncated/)
  })

  it('are refused where the server does not have them, or sends less than it says', async () => {
    await expect(openModelFile({ name: 'x', source: `${url}/missing` })).rejects.toThrow(/answered 404/)
    await expect((await openModelFile({ name: 'x', source: `${url}/short` })).read(0, 10)).rejects.toThrow(/sent 1 bytes where 10/)
    await expect(openModelFile({ name: 'x', source: 'http://127.0.0.1:1/x' })).rejects.toMatchObject({ name: 'WeightsError' })
  })
})
