import { beforeAll, expect, it } from 'vitest'
import { startTfjs } from '../../backend/startTfjs.ts'
import { tf } from '../../backend/tfjs.ts'
import type { Tensor } from '../../backend/tfjs.ts'
import { randomTensor, relativeError, integers, wanting } from '../testing.ts'
import { attentionBackwardReference, attentionReference } from './reference.ts'

beforeAll(async () => {
  await startTfjs('wasm')
})

it.each([0, 900])('a row that is taken in blocks gives what its segments give by themselves (window %i)', (window) => {
  const attrs = { rows: 1, heads: 2, keyValueHeads: 1, headDim: 4, window, scale: 0.5 }
  const lengths = [700, 1040, 600]
  const tokens = lengths.reduce((sum, length) => sum + length)
  const [q, dO] = [randomTensor([tokens, 8], 1), randomTensor([tokens, 8], 2)]
  const [k, v] = [randomTensor([tokens, 4], 3), randomTensor([tokens, 4], 4)]
  let largest = 0
  const both = (q: Tensor, k: Tensor, v: Tensor, dO: Tensor, segments: Tensor) => {
    const context = wanting('o', 'logsumexp')
    const forward = attentionReference({ q, k, v, segments }, attrs, {
      ...context,
      memo: (_key, make) => {
        const made = make()
        largest = Math.max(largest, made.size)
        return made
      },
    })
    return { ...forward, ...attentionBackwardReference({ q, k, v, segments, do: dO, ...forward }, attrs, context) }
  }
  const whole = both(q, k, v, dO, integers(lengths.flatMap((length, segment) => new Array<number>(length).fill(segment))))
  // The mask is as large as the scores of one head: never of all pairs.
  expect(largest).toBeLessThan(tokens * tokens)
  let from = 0
  const parts = lengths.map((length) => {
    const part = (x: Tensor) => tf.slice(x, [from, 0], [length, x.shape[1]!])
    const result = both(part(q), part(k), part(v), part(dO), integers(new Array<number>(length).fill(0)))
    from += length
    return result
  })
  for (const name of ['o', 'dq', 'dk', 'dv'] as const) {
    expect(relativeError(whole[name], tf.concat(parts.map((part) => part[name]))), name).toBeLessThan(1e-5)
  }
  const sums = tf.concat(parts.map(({ logsumexp }) => tf.reshape(logsumexp, [2, -1])), 1)
  expect(relativeError(whole.logsumexp, tf.reshape(sums, [-1]))).toBeLessThan(1e-5)
})
