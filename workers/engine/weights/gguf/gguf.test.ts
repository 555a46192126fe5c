import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { missingReference, referencePath } from '../../../../tests/helpers/reference.ts'
import { modelFolder } from '../../node/modelFolder.ts'
import { unpack } from '../formats/index.ts'
import { openModel } from '../openModel.ts'
import { bytesSource } from '../source.ts'
import { readGgufHeader } from './header.ts'
import { ggufFile } from './testing.ts'
import type { TestTensor } from './testing.ts'

const models = referencePath('models')

describe.skipIf(!models)(models ? 'real GGUF files' : missingReference('models'), () => {
  it('hold the tensors of their safetensors twin, q and k rows in order', async () => {
    const gguf = await openModel(await modelFolder(join(models!, 'stories260K/stories260K-f32.v3.gguf')))
    const twin = await openModel(await modelFolder(join(models!, 'stories260K/hf')))
    expect({ ...gguf.config, tiedEmbeddings: true }).toEqual({ ...twin.config, padTokenId: 0, normEpsilon: gguf.config.normEpsilon })
    expect(gguf.config.normEpsilon).toBeCloseTo(1e-5, 12)
    for (const name of twin.tensors.entries.keys()) {
      expect(unpack(await gguf.tensors.read(name)), name).toEqual(unpack(await twin.tensors.read(name)))
    }
  })

  it('are opened with packed weights: SmolLM2 as Q4_1 and Q8_0', async () => {
    const { config, parameters, tensors } = await openModel(await modelFolder(join(models!, 'smollm2-135m/SmolLM2-135M-Instruct.Q4_1.gguf')))
    expect(config).toMatchObject({ family: 'llama', layers: 30, hiddenSize: 576, heads: 9, keyValueHeads: 3, headDim: 64, tiedEmbeddings: true, rope: { theta: 100000 }, eosTokenIds: [2] })
    expect(parameters).toBe(134_515_008)
    expect(tensors.entries.get('model.embed_tokens.weight')).toMatchObject({ format: 'q8_0', shape: [49152, 576] })
    expect(tensors.entries.get('model.layers.0.self_attn.q_proj.weight')).toMatchObject({ format: 'q4_1', shape: [576, 576] })
  })

  it('of version 1 are refused with a way out', async () => {
    await expect(openModel(await modelFolder(join(models!, 'stories260K/stories260K-f32.v1.gguf')))).rejects.toMatchObject({
      message: expect.stringMatching(/version 1/), advice: expect.stringMatching(/Convert it again/),
    })
  })
})

describe('hostile GGUF files', () => {
  const f32 = (name: string, change: Partial<TestTensor> = {}): TestTensor => ({ name, shape: [2, 4], type: 0, data: new Uint8Array(32), ...change })
  const header = (bytes: Uint8Array) => readGgufHeader(bytesSource(bytes, 'x.gguf'))
  const good = ggufFile({ 'general.architecture': 'llama' }, [f32('a'), f32('b')])
  const patched = (at: number, value: bigint): Uint8Array => {
    const bytes = good.slice()
    new DataView(bytes.buffer).setBigUint64(at, value, true)
    return bytes
  }

  it('an honest one is read', async () => {
    const { tensors, metadata } = await header(good)
    expect([...tensors.values()].map(({ shape, length }) => [shape, length])).toEqual([[[2, 4], 32], [[2, 4], 32]])
    expect(metadata.get('general.architecture')).toBe('llama')
  })

  it.each([
    ['another file', new TextEncoder().encode('GGML rather than what it says'), /no GGUF file/],
    ['an empty file', new Uint8Array(0), /truncated/],
    ['a header cut short', good.slice(0, 60), /truncated/],
    ['data cut short', good.slice(0, -8), /truncated: tensor b/],
    ['a future version', ggufFile({}, [], 4), /version 4/],
    ['2^63 tensors', patched(8, 2n ** 63n), /that is no model/],
    ['a million tensors', patched(8, 1_000_000n), /claims 1000000 tensors/],
    ['a string of 2^40 bytes', patched(24, 2n ** 40n), /string of 1099511627776 bytes/],
    ['overlapping tensors', ggufFile({}, [f32('a'), f32('b', { offset: 0 })]), /overlap/],
    ['a misaligned tensor', ggufFile({}, [f32('a', { offset: 4 })]), /multiple of 32/],
    ['an offset out of bounds', ggufFile({}, [f32('a', { offset: 2 ** 40 })]), /truncated: tensor a/],
    ['an immense shape', ggufFile({}, [f32('a', { shape: [2 ** 40, 2 ** 40] })]), /claims a shape/],
    ['five dimensions', ggufFile({}, [f32('a', { shape: [1, 1, 1, 2, 4] })]), /5 dimensions/],
    ['a type that is not known', ggufFile({}, [f32('a', { type: 16 })]), /ggml type 16/],
    ['rows that are no blocks', ggufFile({}, [f32('a', { type: 8 })]), /cannot be q8_0/],
    ['a tensor twice', ggufFile({}, [f32('a'), f32('a')]), /twice/],
    ['a bad alignment', ggufFile({ 'general.alignment': 3 }, []), /alignment of 3/],
  ])('are refused: %s', async (_, bytes, reason) => {
    await expect(header(bytes)).rejects.toMatchObject({ name: 'WeightsError', message: expect.stringMatching(reason) })
  })

  it('are refused for their architecture', async () => {
    const open = (architecture: string) => openModel({ id: 'x', files: [{ name: 'x.gguf', source: new Blob([ggufFile({ 'general.architecture': architecture }, [])]) }] })
    await expect(open('mamba')).rejects.toThrow(/Architecture "mamba" is not known/)
    await expect(open('constructor')).rejects.toThrow(/not known/)
    await expect(open('llama')).rejects.toThrow(/no token_embd/)
  })
})
