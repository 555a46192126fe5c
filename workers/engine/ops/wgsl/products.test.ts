import '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { testGpu } from '../../../../tests/helpers/gpu.ts'
import { isRight } from '../../backend/tuning/tune.ts'
import { tf } from '../../backend/tfjs.ts'
import { WebGpuExecutor } from '../../plan/execute/webgpu.ts'
import { quantize } from '../../weights/formats/index.ts'
import { asWeight, kernelErrors } from '../kernelTesting.ts'
import { shapes } from '../../../../tests/bench/shapes.ts'
import { placeSyntheticModel } from '../../../../tests/bench/syntheticModel.ts'
import { layoutOfSettings } from '../../lora/layout.ts'
import { layOut } from '../../training/batch.ts'
import { Stepper } from '../../training/stepper.ts'
import { randomTensor } from '../testing.ts'
import type { MatmulTile } from './tile.ts'

const gpu = await testGpu('lavapipe')
const shared: MatmulTile = { strategy: 'shared', m: 4, n: 4, threadsM: 4, threadsN: 4, depth: 8 }
const kinds = ['depth-depth f32', 'depth-side f32', 'side-side f32']

beforeAll(async () => {
  await tf.setBackend('cpu')
})

describe.skipIf(!gpu)('a product gives the same whatever its tile (lavapipe)', { timeout: 240_000 }, () => {
  it.each(kinds)('with 16-bit slabs, within 2e-3 of the norm; %s', async (kind) => {
    expect(gpu!.capabilities.f16).toBe(true)
    const tile = { ...shared, half: true }
    expect(await isRight(gpu!, { kind, half: true }, tile)).toBe(true)
    // And they are 16-bit indeed: exact it is not.
    expect(await isRight(gpu!, { kind }, tile)).toBe(false)
  })

  it.each(kinds)('with its depth split among workgroups; %s', async (kind) => {
    for (const split of [2, 3, 13]) expect(await isRight(gpu!, { kind }, { ...shared, split })).toBe(true)
  })

  it('from packed weights unpacked to scratch first, gradients of small size included', async () => {
    const [tokens, out, columns] = [11, 28, 96]
    const attrs = { scale: 1, dropout: 0, keyRow: 0 }
    for (const format of ['q8_0', 'nf4', 'int8'] as const) {
      const w = quantize(asWeight(randomTensor([out, columns], 1)), format)
      for (const half of [false, true]) {
        const open = () => new WebGpuExecutor({ gpu: gpu!, tile: () => ({ ...shared, unpack: true, half }) })
        const x = randomTensor([tokens, columns], 3)
        const dy = tf.mul(randomTensor([tokens, out], 4), 1e-6)
        const errors = {
          ...await kernelErrors(open(), { op: 'linear', attrs, inputs: { x, w }, outputs: { y: [tokens, out] } }),
          ...await kernelErrors(open(), { op: 'linearBackward', attrs, inputs: { dy, w }, outputs: { dx: [tokens, columns] } }),
        }
        for (const [port, error] of Object.entries(errors)) expect(error, `${format} ${port}`).toBeLessThan(half ? 1e-3 : 5e-6)
      }
    }
  })

  it('rounds what trains where that is allowed', async () => {
    const config = shapes.tiny
    const layout = layoutOfSettings(config, { rank: 4, alpha: 8, rsLora: false, targetModules: 'all-linear', dropout: 0 })
    const ids = Array.from({ length: 16 }, (_, i) => (i * 7) % config.vocabularySize)
    const batch = layOut([[{ ids, labels: ids }]], 16)
    const gradients: Float32Array[] = []
    const losses: number[] = []
    for (const half of [false, true]) {
      const executor = new WebGpuExecutor({ gpu: gpu!, half, tile: (shape) => ({ ...shared, ...(shape.half ? { half: true } : {}) }) })
      const adapter = { layout, a: new Float32Array(layout.sizeA).fill(0.05), b: new Float32Array(layout.sizeB).fill(0.05) }
      const stepper = new Stepper(placeSyntheticModel(config, executor, 'q4_1'), adapter)
      await stepper.accumulate(batch, 1 / batch.targetCount, 0)
      gradients.push((await stepper.gradients()).a)
      losses.push((await executor.read('train.loss'))[0])
      executor.dispose()
    }
    expect(losses[0]).toBeGreaterThan(Math.log(config.vocabularySize) / 2)
    expect(losses[1]).not.toBe(losses[0])
    expect(Math.abs(losses[1] / losses[0] - 1)).toBeLessThan(1e-3)
    const [exact, rounded] = gradients
    const norm = (values: Float32Array) => Math.hypot(...values)
    expect(norm(exact.map((value, i) => value - rounded[i])) / norm(exact)).toBeLessThan(5e-3)
  })
})
