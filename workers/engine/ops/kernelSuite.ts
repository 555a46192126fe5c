import { expect, it } from 'vitest'
import { tf } from '../backend/tfjs.ts'
import type { Tensor } from '../backend/tfjs.ts'
import type { Executor } from '../plan/execute/executor.ts'
import type { OpName } from './attributes.ts'
import { asWeight, kernelErrors } from './kernelTesting.ts'
import type { KernelCase } from './kernelTesting.ts'
import { dropoutKeys } from './linear/dropout.ts'
import { references } from './references.ts'
import { integers, randomTensor, wanting } from './testing.ts'

/** Every operation on an executor with kernels of its own, against its reference: several shapes, odd sizes included. */
export function testKernels(open: () => Executor): void {
  async function agrees<N extends OpName>(test: KernelCase<N>, tolerance = 5e-6): Promise<void> {
    for (const [port, error] of Object.entries(await kernelErrors(open(), test))) {
      expect(error, `${test.op}.${port} ${JSON.stringify(test.attrs)}`).toBeLessThan(tolerance)
    }
  }

  it('add, in place too', async () => {
    for (const shape of [[3, 5], [16, 64]]) {
      const inputs = { a: randomTensor(shape, 1), b: randomTensor(shape, 2) }
      await agrees({ op: 'add', attrs: {}, inputs, outputs: { y: shape } })
      await agrees({ op: 'add', attrs: {}, inputs, outputs: { y: shape }, inPlace: { y: 'a' } })
    }
  })

  it('swiglu and its gradients', async () => {
    for (const shape of [[3, 7], [9, 172]]) {
      const inputs = { gate: randomTensor(shape, 1), up: randomTensor(shape, 2) }
      await agrees({ op: 'swiglu', attrs: {}, inputs, outputs: { y: shape } })
      const backward = { op: 'swigluBackward' as const, attrs: {}, inputs: { ...inputs, dy: randomTensor(shape, 3) }, outputs: { dgate: shape, dup: shape } }
      await agrees(backward)
      await agrees({ ...backward, inPlace: { dgate: 'gate', dup: 'up' } })
    }
  })

  it('rmsNorm and its gradient, one group and per head', async () => {
    for (const [t, features, size] of [[7, 20, 20], [5, 24, 8], [3, 15, 15], [70, 64, 64]]) {
      const attrs = { epsilon: 1e-5 }
      const x = randomTensor([t, features], 1)
      const weight = randomTensor([size], 2)
      await agrees({ op: 'rmsNorm', attrs, inputs: { x, weight: asWeight(weight) }, outputs: { y: [t, features], rstd: [t * features / size] } })
      const rstd = tf.rsqrt(tf.add(tf.mean(tf.square(x.reshape([-1, size])), 1), 1e-5))
      const inputs = { x, weight: asWeight(weight), rstd, dy: randomTensor([t, features], 3) }
      await agrees({ op: 'rmsNormBackward', attrs, inputs, outputs: { dx: [t, features] } })
      await agrees({
        op: 'rmsNormBackward', attrs, inputs: { ...inputs, add: randomTensor([t, features], 4) },
        outputs: { dx: [t, features] }, inPlace: { dx: 'add' },
      })
    }
  })

  it('rope both ways, at far positions too', async () => {
    for (const [headDim, heads] of [[8, 4], [6, 1]]) {
      const positions = integers([0, 1, 2, 3, 100, 4095, 131071])
      const frequencies = tf.tensor1d(Array.from({ length: headDim / 2 }, (_, i) => 10000 ** (-2 * i / headDim)))
      const x = randomTensor([7, heads * headDim], 1)
      for (const inverse of [false, true]) {
        // Angles up to 131071 rad carry an error of 2^-24 of that into any float32 sine.
        await agrees({ op: 'rope', attrs: { headDim, inverse }, inputs: { x, positions, frequencies }, outputs: { y: x.shape } }, 2e-6)
        await agrees({ op: 'rope', attrs: { headDim, inverse }, inputs: { x, positions, frequencies }, outputs: { y: x.shape }, inPlace: { y: 'x' } }, 2e-6)
      }
    }
  })

  it('embed, gatherRows, cacheWrite', async () => {
    for (const hidden of [16, 7]) {
      await agrees({ op: 'embed', attrs: {}, inputs: { ids: integers([4, 0, 10, 4]), table: asWeight(randomTensor([11, hidden], 1)) }, outputs: { x: [4, hidden] } })
      const x = randomTensor([6, hidden], 2)
      await agrees({ op: 'gatherRows', attrs: {}, inputs: { x, rows: integers([5, -1, 0]) }, outputs: { y: [3, hidden] } })
      await agrees({
        op: 'cacheWrite', attrs: {}, inputs: { x, positions: integers([9, 8, 1, 2, 3, 4]), cacheIn: randomTensor([12, hidden], 3) },
        outputs: { cache: [12, hidden] }, inPlace: { cache: 'cacheIn' },
      })
    }
  })

  it('linear and its gradients: bias, residual, LoRA, dropout, accumulation', async () => {
    for (const [t, inSize, outSize, rank] of [[33, 64, 172, 8], [7, 9, 5, 3], [70, 36, 66, 2]]) {
      const w = asWeight(randomTensor([outSize, inSize], 1))
      const x = randomTensor([t, inSize], 2)
      const a = randomTensor([rank, inSize], 3)
      const b = randomTensor([outSize, rank], 4)
      const plain = { scale: 2, dropout: 0, keyRow: 0 }
      await agrees({ op: 'linear', attrs: plain, inputs: { x, w }, outputs: { y: [t, outSize] } })
      await agrees({
        op: 'linear', attrs: plain,
        inputs: { x, w, a, b, bias: randomTensor([outSize], 5), add: randomTensor([t, outSize], 6) },
        outputs: { y: [t, outSize], xa: [t, rank] }, inPlace: { y: 'add' },
      })
      const dy = randomTensor([t, outSize], 7)
      await agrees({ op: 'linearBackward', attrs: plain, inputs: { dy, w }, outputs: { dx: [t, inSize] } })
      for (const dropout of t === 33 ? [0] : [0, 0.3]) {
        const attrs = { scale: 0.5, dropout, keyRow: 1 }
        const keys: Record<string, Tensor> = dropout ? { keys: tf.tensor2d(dropoutKeys(3, 9), [3, 8], 'int32') } : {}
        const xa = randomTensor([t, rank], 8)
        await agrees({ op: 'linear', attrs, inputs: { x, w, a, b, ...keys }, outputs: { y: [t, outSize], xa: [t, rank] } })
        const inputs = { dy, w, x, a, b, xa, ...keys }
        const outputs = { dx: [t, inSize], da: [rank, inSize], db: [outSize, rank] }
        await agrees({ op: 'linearBackward', attrs, inputs, outputs })
        await agrees({
          op: 'linearBackward', attrs, outputs,
          inputs: { ...inputs, dxIn: randomTensor([t, inSize], 9), daIn: randomTensor([rank, inSize], 10), dbIn: randomTensor([outSize, rank], 11) },
          inPlace: { dx: 'dxIn', da: 'daIn', db: 'dbIn' },
        })
      }
    }
  })

  it('attention and its gradients: grouped queries, segments, windows, odd lengths', async () => {
    const shapes = [
      { rows: 1, length: 5, heads: 2, keyValueHeads: 2, headDim: 8, window: 0 },
      { rows: 2, length: 37, heads: 4, keyValueHeads: 2, headDim: 8, window: 0 },
      { rows: 2, length: 21, heads: 3, keyValueHeads: 1, headDim: 32, window: 6 },
      { rows: 1, length: 16, heads: 2, keyValueHeads: 1, headDim: 48, window: 0 },
    ]
    for (const { length, ...shape } of shapes) {
      const { rows, heads, keyValueHeads, headDim } = shape
      const attrs = { ...shape, scale: headDim ** -0.5 }
      const t = rows * length
      const segments = integers(Array.from({ length: t }, (_, i) => (i % length < length / 3 ? 0 : i % length > length - 3 ? -1 : 1)))
      const q = randomTensor([t, heads * headDim], 1)
      const k = randomTensor([t, keyValueHeads * headDim], 2)
      const v = randomTensor([t, keyValueHeads * headDim], 3)
      const dout = randomTensor([t, heads * headDim], 4)
      await agrees({ op: 'attention', attrs, inputs: { q, k, v, segments }, outputs: { o: q.shape, logsumexp: [rows * heads * length] } })
      const forward = references.attention({ q, k, v, segments }, attrs, wanting('o', 'logsumexp'))
      await agrees({
        op: 'attentionBackward', attrs, inputs: { q, k, v, segments, do: dout, ...forward },
        outputs: { dq: q.shape, dk: k.shape, dv: v.shape },
      })
    }
  })

  it('cachedAttention, with a window too', async () => {
    const [tokens, capacity, heads, keyValueHeads, headDim] = [3, 12, 4, 2, 8]
    const inputs = {
      q: randomTensor([tokens, heads * headDim], 1),
      k: randomTensor([capacity, keyValueHeads * headDim], 2),
      v: randomTensor([capacity, keyValueHeads * headDim], 3),
      positions: integers([7, 8, 9]),
    }
    for (const window of [0, 4]) {
      const attrs = { heads, keyValueHeads, headDim, window, scale: headDim ** -0.5 }
      await agrees({ op: 'cachedAttention', attrs, inputs, outputs: { o: inputs.q.shape } })
    }
  })

  it('headLoss with and without gradient', async () => {
    for (const [t, hidden, vocabulary] of [[5, 12, 30], [70, 64, 512], [3, 7, 11]]) {
      const inputs = {
        x: randomTensor([t, hidden], 1), w: asWeight(randomTensor([vocabulary, hidden], 2)),
        targets: integers(Array.from({ length: t }, (_, i) => (i % 4 === 1 ? -1 : (i * 7) % vocabulary))),
        weight: tf.tensor1d([0.125]),
      }
      await agrees({ op: 'headLoss', attrs: { pieces: 3 }, inputs: { x: inputs.x, w: inputs.w, targets: inputs.targets }, outputs: { nll: [t] } })
      await agrees({ op: 'headLoss', attrs: { pieces: 3 }, inputs, outputs: { nll: [t], dx: [t, hidden], loss: [1] } })
      await agrees({
        op: 'headLoss', attrs: { pieces: 1 }, inputs: { ...inputs, lossIn: tf.tensor1d([3]) },
        outputs: { nll: [t], dx: [t, hidden], loss: [1] }, inPlace: { loss: 'lossIn' },
      })
    }
  })

  it('globalNorm and adamW, clipped and not', async () => {
    const n = 1000
    const gradient = randomTensor([n], 1)
    await agrees({ op: 'globalNorm', attrs: {}, inputs: { gradientA: gradient, gradientB: randomTensor([64], 2), loss: tf.tensor1d([2]) }, outputs: { report: [2] } })
    for (const clip of [0, 1]) {
      await agrees({
        op: 'adamW', attrs: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, group: 1 },
        inputs: {
          parametersIn: randomTensor([n], 3), gradient, mIn: randomTensor([n], 4), vIn: tf.square(randomTensor([n], 5)),
          report: tf.tensor1d([17, 2]), settings: tf.tensor1d([1e-3, 2e-2, 0.19, 0.002, 0.1, clip]),
        },
        outputs: { parameters: [n], m: [n], v: [n] }, inPlace: { parameters: 'parametersIn', m: 'mIn', v: 'vIn' },
      })
    }
  })
}
