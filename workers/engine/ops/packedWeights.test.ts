import '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { testGpu } from '../../../tests/helpers/gpu.ts'
import { tf } from '../backend/tfjs.ts'
import { Random } from '../../../src/data/random.ts'
import { WebGpuExecutor } from '../plan/execute/webgpu.ts'
import { blockLayout, packedBytes } from '../weights/packedTensor.ts'
import type { PackedTensor, WeightFormat } from '../weights/packedTensor.ts'
import { quantize } from '../weights/formats/index.ts'
import { toHalf } from '../weights/formats/half.ts'
import { asWeight, kernelErrors } from './kernelTesting.ts'
import { integers, randomTensor } from './testing.ts'

const gpu = await testGpu()

beforeAll(async () => {
  await tf.setBackend('cpu')
})

/** A weight in a format: rounded to it where the engine can round, otherwise random blocks with plausible scales. */
function packed(format: WeightFormat, shape: [number, number]): PackedTensor {
  if (format === 'f32') return asWeight(randomTensor(shape, 1))
  if (format === 'q8_0' || format === 'int8' || format === 'nf4') return quantize(asWeight(randomTensor(shape, 1)), format)
  const random = new Random(2)
  const bytes = Uint8Array.from({ length: packedBytes(format, shape) }, () => random.below(256))
  const scale = (at: number, value: number) => new DataView(bytes.buffer).setUint16(at, toHalf(value), true)
  if (format === 'f16') for (let i = 0; i < bytes.length; i += 2) scale(i, random.uniform() - 0.5)
  else if (format === 'bf16') for (let i = 1; i < bytes.length; i += 2) bytes[i] = 0x3e | (bytes[i] & 0x80)
  else {
    const places = { q4_0: [0], q4_1: [0, 2], q4_k: [0, 2], q6_k: [208] }[format]
    for (let i = 0; i < bytes.length; i += blockLayout[format].bytes) for (const place of places) scale(i + place, (random.uniform() - 0.4) / 8)
  }
  return { format, shape, bytes }
}

const formats: [WeightFormat, columns: number][] = [
  ['f32', 36], ['f16', 36], ['bf16', 36], ['q8_0', 96], ['q4_0', 96], ['q4_1', 96], ['q4_k', 512], ['q6_k', 512], ['nf4', 192], ['nf4', 36], ['int8', 36], ['f16', 7],
]

describe.skipIf(!gpu)('weights stay packed and are unpacked inside kernels', () => {
  for (const [format, columns] of formats) {
    it(`${format}, rows of ${columns}: linear, its gradient, embed, headLoss`, async () => {
      const [tokens, out] = [11, 28]
      const w = packed(format, [out, columns])
      const attrs = { scale: 1, dropout: 0, keyRow: 0 }
      const x = randomTensor([tokens, columns], 3)
      const errors = {
        ...await kernelErrors(new WebGpuExecutor({ gpu: gpu! }), { op: 'linear', attrs, inputs: { x, w }, outputs: { y: [tokens, out] } }),
        ...await kernelErrors(new WebGpuExecutor({ gpu: gpu! }), { op: 'linearBackward', attrs, inputs: { dy: randomTensor([tokens, out], 4), w }, outputs: { dx: [tokens, columns] } }),
        ...await kernelErrors(new WebGpuExecutor({ gpu: gpu! }), { op: 'embed', attrs: {}, inputs: { ids: integers([3, 27, 0]), table: w }, outputs: { x: [3, columns] } }),
        ...await kernelErrors(new WebGpuExecutor({ gpu: gpu! }), {
          op: 'headLoss', attrs: { pieces: 2 }, outputs: { nll: [tokens] },
          inputs: { x, w, targets: integers(Array.from({ length: tokens }, (_, i) => i * 2)) },
        }),
      }
      for (const [port, error] of Object.entries(errors)) expect(error, port).toBeLessThan(5e-6)
    })
  }

  it('a weight too large to bind at once is cut by rows, and gives the same', async () => {
    const { limits } = gpu!.device
    const small = Object.create(gpu!.device, {
      limits: { value: { maxBufferSize: 4096, maxStorageBufferBindingSize: 4096, minStorageBufferOffsetAlignment: limits.minStorageBufferOffsetAlignment } },
    }) as GPUDevice
    // Methods of the device must see the device itself.
    const device = new Proxy(small, {
      get: (target, name) => {
        const value = Reflect.get(target, name) as unknown
        return name !== 'limits' && typeof value === 'function' ? value.bind(gpu!.device) as unknown : name === 'limits' ? target.limits : Reflect.get(gpu!.device, name) as unknown
      },
    })
    for (const format of ['f32', 'nf4', 'q4_1'] as const) {
      const [tokens, columns, out] = [9, 96, 150]
      const w = packed(format, [out, columns])
      const a = randomTensor([4, columns], 5)
      const b = randomTensor([out, 4], 6)
      const attrs = { scale: 1, dropout: 0, keyRow: 0 }
      const x = randomTensor([tokens, columns], 3)
      const dy = randomTensor([tokens, out], 4)
      const errors = {
        ...await kernelErrors(new WebGpuExecutor({ gpu: { ...gpu!, device } }), { op: 'linear', attrs, inputs: { x, w, a, b, bias: randomTensor([out], 8) }, outputs: { y: [tokens, out] } }),
        ...await kernelErrors(new WebGpuExecutor({ gpu: { ...gpu!, device } }), { op: 'linearBackward', attrs, inputs: { dy, w, x, a, b, xa: randomTensor([tokens, 4], 7) }, outputs: { dx: [tokens, columns] } }),
        ...await kernelErrors(new WebGpuExecutor({ gpu: { ...gpu!, device } }), { op: 'embed', attrs: {}, inputs: { ids: integers([3, 149, 0]), table: w }, outputs: { x: [3, columns] } }),
      }
      for (const [port, error] of Object.entries(errors)) expect(error, `${format} ${port}`).toBeLessThan(5e-6)
    }
  })
})
