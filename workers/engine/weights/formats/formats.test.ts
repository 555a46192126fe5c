import { openAsBlob, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { missingReference, referencePath } from '../../../../tests/helpers/reference.ts'
import { firstNotFinite } from '../finite.ts'
import { packedBytes } from '../packedTensor.ts'
import type { PackedTensor, WeightFormat } from '../packedTensor.ts'
import { readSafetensorsHeader } from '../safetensors.ts'
import { blobSource } from '../source.ts'
import { quantizeQ8_0 } from './ggml.ts'
import { halfTable, toHalf } from './half.ts'
import { quantize, unpack } from './index.ts'
import { nf4Parts, scaleLevels } from './nf4.ts'

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(base64, 'base64'))
const floatsOf = (base64: string): Float32Array => new Float32Array(bytesOf(base64).buffer)
const blocks = JSON.parse(readFileSync(join(import.meta.dirname, '../../../../tests/fixtures/ggml-blocks.json'), 'utf8')) as Record<string, { bytes: string; values: string }>
const floats = (values: ArrayLike<number>, shape: number[]): PackedTensor => ({ format: 'f32', shape, bytes: new Uint8Array(Float32Array.from(values).buffer) })
const ramp = Float32Array.from({ length: 4 * 64 }, (_, i) => Math.sin(i * 1.7) * (1 + i / 50))

describe('ggml blocks unpack as in ggml\'s own package', () => {
  it.each(['q8_0', 'q4_0', 'q4_1', 'q4_k', 'q6_k'] as const)('%s', (format) => {
    const { bytes, values } = blocks[format]
    const expected = floatsOf(values)
    const got = unpack({ format, shape: [3, expected.length / 3], bytes: bytesOf(bytes) })
    // ggml rounds after each of two products; here it happens once.
    got.forEach((value, i) => expect(Math.abs(value - expected[i])).toBeLessThanOrEqual(2e-7 * Math.max(1, Math.abs(expected[i]))))
  })

  it('q8_0 also packs as there', () => {
    const { bytes, values } = blocks['q8_0 of values']
    const packed = new Uint8Array(packedBytes('q8_0', [2, 64]))
    quantizeQ8_0(floatsOf(values), packed)
    expect(packed).toEqual(bytesOf(bytes))
  })
})

const nf4File = referencePath('models', 'nf4-bitsandbytes.safetensors')
describe.skipIf(!nf4File)(nf4File ? 'NF4 as bitsandbytes makes it' : missingReference('models', 'nf4-bitsandbytes.safetensors'), async () => {
  const source = blobSource(await openAsBlob(nf4File ?? import.meta.filename), 'nf4')
  const tensors = nf4File ? (await readSafetensorsHeader(source)).tensors : new Map()
  const read = async (name: string) => {
    const { offset, length } = tensors.get(name)!
    return source.read(offset, length)
  }
  const readFloats = async (name: string) => new Float32Array((await read(name)).buffer)

  it('levels of scales are the same to the bit', async () => {
    expect(scaleLevels).toEqual(await readFloats('double.absmax_code'))
  })

  const parts = nf4Parts(192 * 576)

  it('unpacks their bytes to their values, to the bit', async () => {
    const bytes = new Uint8Array(packedBytes('nf4', [192, 576]))
    bytes.set(await read('double.packed'))
    bytes.set(await read('double.absmax'), parts.codes)
    bytes.set(await read('double.absmax_absmax'), parts.scales)
    bytes.set(await read('double.absmax_offset'), parts.mean)
    expect(unpack({ format: 'nf4', shape: [192, 576], bytes })).toEqual(await readFloats('double.dequantized'))
  })

  it('packs to their bytes; the mean of the scales but for its last bit, which hangs on the order of summing', async () => {
    const { bytes } = quantize({ format: 'f32', shape: [192, 576], bytes: await read('weight') }, 'nf4')
    const floatsAt = (at: number, count: number) => new Float32Array(bytes.slice(at, at + 4 * count).buffer)
    expect(Buffer.compare(bytes.subarray(0, 192 * 288), await read('double.packed'))).toBe(0)
    expect(Buffer.compare(bytes.subarray(parts.codes, parts.codes + parts.blocks), await read('double.absmax'))).toBe(0)
    const [mean] = await readFloats('double.absmax_offset')
    expect(Math.abs(floatsAt(parts.mean, 1)[0] - mean)).toBeLessThanOrEqual(2 ** -26)
    const scales = await readFloats('double.absmax_absmax')
    floatsAt(parts.scales, 7).forEach((scale, i) => expect(Math.abs(scale - scales[i])).toBeLessThanOrEqual(2 ** -25))
  })
})

describe('rounding', () => {
  it('every half-precision number survives', () => {
    halfTable().forEach((value, bits) => {
      if (!Number.isNaN(value)) expect(toHalf(value)).toBe(bits)
    })
    expect([toHalf(65519.9), toHalf(65520), toHalf(1 + 2 ** -11), toHalf(1 + 3 * 2 ** -11), toHalf(2 ** -25), toHalf(2 ** -25 * 1.01)]).toEqual([0x7bff, 0x7c00, 0x3c00, 0x3c02, 0, 1])
  })

  it.each([['int8', 2 / 127], ['q8_0', 2 / 127], ['nf4', 0.35]] as const)('to %s stays near', (format, tolerance) => {
    const back = unpack(quantize(floats(ramp, [4, 64]), format))
    const largest = Math.max(...ramp.map(Math.abs))
    back.forEach((value, i) => expect(Math.abs(value - ramp[i])).toBeLessThan(tolerance * largest))
    expect([...unpack(quantize(floats(new Float32Array(64), [1, 64]), format))].every((value) => Math.abs(value) < 1e-6)).toBe(true)
  })
})

describe('weights that are no finite numbers', () => {
  const half = (format: WeightFormat, shape: number[], at: number, bits: number): PackedTensor => {
    const bytes = new Uint8Array(packedBytes(format, shape))
    new DataView(bytes.buffer).setUint16(at, bits, true)
    return { format, shape, bytes }
  }
  it.each([
    ['f32', floats([1, 2, NaN, 4], [4]), 2],
    ['f32 infinite', floats([1, -Infinity], [2]), 1],
    ['f16', half('f16', [4], 6, 0x7c00), 3],
    ['bf16', half('bf16', [4], 2, 0xff81), 1],
    ['q8_0 scale', half('q8_0', [2, 32], 34, 0x7e00), 1],
    ['q4_1 minimum', half('q4_1', [1, 32], 2, 0x7e00), 0],
    ['q6_k scale', half('q6_k', [1, 256], 208, 0xfc00), 0],
  ] as [string, PackedTensor, number][])('are found: %s', (_, tensor, index) => {
    expect(firstNotFinite(tensor)).toBe(index)
  })

  it('and finite ones pass, however large', () => {
    expect(firstNotFinite(floats([3e38, 3e38, -3e38], [3]))).toBeNull()
    expect(firstNotFinite(half('q8_0', [1, 32], 0, 0x3c00))).toBeNull()
  })
})
