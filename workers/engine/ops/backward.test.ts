import '@tensorflow/tfjs' // registers the CPU backend and the gradients of the tape
import { beforeAll, describe, expect, it } from 'vitest'
import { tf } from '../backend/tfjs.ts'
import type { Tensor } from '../backend/tfjs.ts'
import { dropoutKeys } from './linear/dropout.ts'
import { references } from './references.ts'
import { integers, randomTensor, relativeError, tapeGradients, wanting } from './testing.ts'

beforeAll(async () => {
  await tf.setBackend('cpu')
})

const near = (actual: Tensor, expected: Tensor) => {
  expect(actual.shape).toEqual(expected.shape)
  expect(relativeError(actual, expected)).toBeLessThan(2e-5)
}
const all = wanting('dx', 'da', 'db', 'dq', 'dk', 'dv', 'y', 'loss')

describe('each hand-derived backward pass equals the tape of its forward pass', () => {
  it('rmsNormBackward, one group and per head', () => {
    for (const [t, features, size] of [[7, 20, 20], [5, 24, 8]]) {
      const x = randomTensor([t, features], 1)
      const weight = randomTensor([size], 2)
      const dy = randomTensor([t, features], 3)
      const add = randomTensor([t, features], 4)
      const [expected] = tapeGradients((x) => references.rmsNorm({ x, weight }, { epsilon: 1e-5 }, all).y, [x], dy)
      const { rstd } = references.rmsNorm({ x, weight }, { epsilon: 1e-5 }, all)
      near(references.rmsNormBackward({ dy, x, weight, rstd }, { epsilon: 1e-5 }, all).dx, expected)
      near(references.rmsNormBackward({ dy, x, weight, rstd, add }, { epsilon: 1e-5 }, all).dx, tf.add(expected, add))
    }
  })

  it('linearBackward, without and with LoRA, dropout and accumulation', () => {
    const x = randomTensor([9, 12], 1)
    const w = randomTensor([10, 12], 2)
    const bias = randomTensor([10], 3)
    const a = randomTensor([4, 12], 4)
    const b = randomTensor([10, 4], 5)
    const dy = randomTensor([9, 10], 6)
    const keys = tf.tensor2d(dropoutKeys(3, 5), [3, 8], 'int32')
    const plain = { scale: 0.7, dropout: 0, keyRow: 0 }
    near(references.linearBackward({ dy, w }, plain, wanting('dx')).dx, tapeGradients((x) => references.linear({ x, w, bias }, plain, all).y, [x], dy)[0])
    for (const attrs of [plain, { scale: 0.7, dropout: 0.3, keyRow: 2 }]) {
      const forward = (x: Tensor, a: Tensor, b: Tensor) => references.linear({ x, w, bias, a, b, keys }, attrs, all)
      const [dx, da, db] = tapeGradients((...inputs) => forward(...inputs as [Tensor, Tensor, Tensor]).y, [x, a, b], dy)
      const { xa } = forward(x, a, b)
      const actual = references.linearBackward({ dy, w, x, a, b, xa, keys }, attrs, all)
      near(actual.dx, dx)
      near(actual.da, da)
      near(actual.db, db)
      const more = references.linearBackward({ dy, w, x, a, b, xa, keys, dxIn: x, daIn: a, dbIn: b }, attrs, all)
      near(more.dx, tf.add(dx, x))
      near(more.da, tf.add(da, a))
      near(more.db, tf.add(db, b))
    }
  })

  it('rope inverse', () => {
    const x = randomTensor([6, 16], 1)
    const dy = randomTensor([6, 16], 2)
    const positions = integers([0, 1, 2, 0, 1, 7])
    const frequencies = tf.tensor1d([1, 0.3, 0.1, 0.01])
    const turn = (x: Tensor, inverse: boolean) => references.rope({ x, positions, frequencies }, { headDim: 8, inverse }, all).y
    near(turn(dy, true), tapeGradients((x) => turn(x, false), [x], dy)[0])
    near(turn(turn(x, false), true), x)
  })

  it('attentionBackward with grouped queries, segments and windows', () => {
    for (const { heads, keyValueHeads, window } of [
      { heads: 4, keyValueHeads: 2, window: 0 }, { heads: 2, keyValueHeads: 2, window: 3 }, { heads: 6, keyValueHeads: 1, window: 0 },
    ]) {
      const attrs = { rows: 2, heads, keyValueHeads, headDim: 4, window, scale: 0.5 }
      const q = randomTensor([14, heads * 4], 1)
      const k = randomTensor([14, keyValueHeads * 4], 2)
      const v = randomTensor([14, keyValueHeads * 4], 3)
      const segments = integers([0, 0, 0, 1, 1, 1, -1, 0, 0, 0, 0, 0, -1, -1])
      const dO = randomTensor([14, heads * 4], 4)
      const forward = (q: Tensor, k: Tensor, v: Tensor) => references.attention({ q, k, v, segments }, attrs, all)
      const [dq, dk, dv] = tapeGradients((...x) => forward(...x as [Tensor, Tensor, Tensor]).o, [q, k, v], dO)
      const { o, logsumexp } = forward(q, k, v)
      const actual = references.attentionBackward({ q, k, v, o, logsumexp, do: dO, segments }, attrs, all)
      near(actual.dq, dq)
      near(actual.dk, dk)
      near(actual.dv, dv)
    }
  })

  it('swigluBackward', () => {
    const gate = randomTensor([5, 6], 1)
    const up = randomTensor([5, 6], 2)
    const dy = randomTensor([5, 6], 3)
    const [dgate, dup] = tapeGradients((gate, up) => references.swiglu({ gate, up }, {}, all).y, [gate, up], dy)
    const actual = references.swigluBackward({ dy, gate, up }, {}, all)
    near(actual.dgate, dgate)
    near(actual.dup, dup)
  })

  it('headLoss in one piece and in several, with targets left out', () => {
    const x = randomTensor([6, 8], 1)
    const w = randomTensor([23, 8], 2)
    const targets = integers([3, -1, 22, 0, 11, -1])
    const weight = tf.tensor1d([0.25])
    const plain = (x: Tensor) => {
      const logits = tf.matMul(x, w, false, true)
      const hot = tf.oneHot(targets as never, 23)
      return tf.mul(tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits), hot))), weight)
    }
    const [dx] = tapeGradients(plain, [x], tf.tensor1d([1]))
    for (const pieces of [1, 2, 5]) {
      const actual = references.headLoss({ x, w, targets, weight, lossIn: tf.tensor1d([2]) }, { pieces }, wanting('nll', 'dx', 'loss'))
      near(actual.dx, dx)
      near(actual.loss, tf.add(plain(x), 2))
      expect(actual.nll.dataSync()[1]).toBe(0)
    }
  })
})
