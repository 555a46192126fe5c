/** A whole model in a GGUF file of each type of tensor: what it says is what its unpacked twin says. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { largestDifference, logitsOf } from '../../../../tests/parity/logits.ts'
import { Random } from '../../../../src/data/random.ts'
import { loadModel } from '../../model/loadModel.ts'
import type { Executor } from '../../plan/execute/executor.ts'
import { openExecutor } from '../../plan/execute/openExecutor.ts'
import { quantize, unpack } from '../formats/index.ts'
import { toHalf } from '../formats/half.ts'
import { openModel } from '../openModel.ts'
import { packedBytes, valueCount } from '../packedTensor.ts'
import type { WeightFormat } from '../packedTensor.ts'
import { ggufFile } from './testing.ts'
import type { TestTensor } from './testing.ts'
import { ggmlTypes } from './types.ts'

const size = 256
const metadata = {
  'general.architecture': 'qwen2', 'qwen2.embedding_length': size, 'qwen2.block_count': 1, 'qwen2.feed_forward_length': size,
  'qwen2.attention.head_count': 4, 'qwen2.attention.head_count_kv': 2, 'qwen2.context_length': 64, 'tokenizer.ggml.eos_token_id': 2,
}
const shapes: Record<string, number[]> = {
  'token_embd.weight': [32, size], 'output_norm.weight': [size], 'blk.0.attn_norm.weight': [size], 'blk.0.ffn_norm.weight': [size],
  'blk.0.attn_q.weight': [size, size], 'blk.0.attn_k.weight': [size / 2, size], 'blk.0.attn_v.weight': [size / 2, size], 'blk.0.attn_output.weight': [size, size],
  'blk.0.attn_q.bias': [size], 'blk.0.attn_k.bias': [size / 2], 'blk.0.attn_v.bias': [size / 2],
  'blk.0.ffn_gate.weight': [size, size], 'blk.0.ffn_up.weight': [size, size], 'blk.0.ffn_down.weight': [size, size],
}

/** Random numbers of a format: whatever its bits say, with scales that stay small. */
function packed(format: WeightFormat, shape: number[], random: Random): Uint8Array<ArrayBuffer> {
  const values = Float32Array.from({ length: valueCount(shape) }, () => (random.uniform() - 0.5) * 0.2)
  const floats = { format: 'f32' as const, shape, bytes: new Uint8Array(values.buffer) }
  if (format === 'f32') return floats.bytes
  if (format === 'q8_0') return quantize(floats, 'q8_0').bytes
  const bytes = new Uint8Array(packedBytes(format, shape))
  const view = new DataView(bytes.buffer)
  const words = new Uint32Array(values.buffer)
  if (format === 'f16' || format === 'bf16') {
    for (let i = 0; i < values.length; i++) view.setUint16(2 * i, format === 'f16' ? toHalf(values[i]) : words[i] >>> 16, true)
    return bytes
  }
  for (let i = 0; i < bytes.length; i++) bytes[i] = random.bits() & 255
  const [block, scales] = ({ q4_0: [18, [0]], q4_1: [20, [0, 2]], q4_k: [144, [0, 2]], q6_k: [210, [208]] } as Record<string, [number, number[]]>)[format]
  for (let at = 0; at < bytes.length; at += block) for (const scale of scales) view.setUint16(at + scale, toHalf(0.001 + 0.001 * random.uniform()), true)
  return bytes
}

describe('GGUF files of each type, versions 2 and 3', () => {
  let executor: Executor
  beforeAll(async () => { executor = (await openExecutor(['wasm'])).executor })
  afterAll(() => executor.dispose())

  const logits = async (tensors: TestTensor[], version: number): Promise<Float32Array> => {
    const open = await openModel({ id: 'x', files: [{ name: 'x.gguf', source: new Blob([ggufFile(metadata, tensors, version)]) }] })
    executor.release('')
    return logitsOf(await loadModel(open, executor), [1, 5, 9, 3, 30], [4])
  }

  it.each([...ggmlTypes].map(([type, format], i) => [format, type, 2 + (i % 2)] as const))('%s', async (format, type, version) => {
    const random = new Random(type + 1)
    const tensors = Object.entries(shapes).map(([name, shape]): TestTensor => {
      const own = shape.length > 1 ? format : 'f32'
      const data = packed(own, shape, random)
      return { name, shape, type: own === 'f32' ? 0 : type, data }
    })
    const twins = tensors.map(({ name, shape, data }): TestTensor => {
      const values = unpack({ format: shape.length > 1 ? format : 'f32', shape, bytes: new Uint8Array(data) })
      return { name, shape, type: 0, data: new Uint8Array(values.buffer) }
    })
    const said = await logits(tensors, version)
    expect(Math.max(...said) - Math.min(...said)).toBeGreaterThan(1e-3)
    expect(largestDifference(said, await logits(twins, 3))).toBe(0)
  })
})
