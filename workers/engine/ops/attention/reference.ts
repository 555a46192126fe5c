import { tf } from '../../backend/tfjs.ts'
import type { Tensor } from '../../backend/tfjs.ts'
import { timesEach, timesTransposedEach, transposedTimesEach } from '../linear/dense.ts'
import type { Reference, ReferenceContext } from '../reference.ts'
import type { AttentionAttributes, CachedAttentionAttributes } from './index.ts'

const masked = -1e30

/*
 * Query heads of one group are stacked along the length, so that grouped
 * queries are one batched product: q [rows·kv, group·length, headDim] against
 * k, v [rows·kv, length, headDim].
 */

export const attentionReference: Reference<'attention'> = ({ q, k, v, segments }, attrs, context) => {
  const scores = scoresOf(scaled(q, attrs), k, segments, attrs, context)
  const p = tf.softmax(scores)
  const o = mergeQueries(timesEach(p, splitKeys(v, attrs)), attrs)
  if (!context.wanted.has('logsumexp')) return { o } as Record<string, Tensor>
  // log p = score − logsumexp, read off where both are largest.
  return { o, logsumexp: tf.reshape(tf.sub(tf.max(scores, -1), tf.log(tf.max(p, -1))), [-1]) }
}

/** Takes the softmax of the scores again: quicker on every backend of tfjs than exp(score − logsumexp). */
export const attentionBackwardReference: Reference<'attentionBackward'> = (inputs, attrs, context) => {
  const { k, v, o, segments } = inputs
  const q = scaled(inputs.q, attrs)
  const p = tf.softmax(scoresOf(q, k, segments, attrs, context))
  const dO = splitQueries(inputs.do, attrs)
  const delta = tf.sum(tf.mul(dO, splitQueries(o, attrs)), -1, true)
  const dS = tf.mul(p, tf.sub(timesTransposedEach(dO, splitKeys(v, attrs)), delta))
  return {
    dq: scaled(mergeQueries(timesEach(dS, splitKeys(k, attrs)), attrs), attrs),
    dk: mergeKeys(transposedTimesEach(dS, splitQueries(q, attrs)), attrs),
    dv: mergeKeys(transposedTimesEach(p, dO), attrs),
  }
}

export const cachedAttentionReference: Reference<'cachedAttention'> = ({ q, k, v, positions }, attrs, { memo }) => {
  const one: AttentionAttributes = { ...attrs, rows: 1 }
  const scores = timesTransposedEach(splitQueries(scaled(q, one), one), splitKeys(k, one))
  const hidden = memo(`cachedMask:${positions.id}:${k.shape[0]}:${attrs.window}`, () => cachedMask(positions, k.shape[0], attrs))
  const group = attrs.heads / attrs.keyValueHeads
  const shape = [attrs.keyValueHeads, group, q.shape[0], k.shape[0]]
  const weights = tf.reshape(tf.softmax(tf.add(tf.reshape(scores, shape), hidden)), scores.shape)
  return { o: mergeQueries(timesEach(weights, splitKeys(v, one)), one) }
}

/** q comes scaled. */
function scoresOf(q: Tensor, k: Tensor, segments: Tensor, attrs: AttentionAttributes, { memo }: ReferenceContext): Tensor {
  const { rows, heads, window } = attrs
  const length = q.shape[0] / rows
  const scores = timesTransposedEach(splitQueries(q, attrs), splitKeys(k, attrs))
  const hidden = memo(`mask:${segments.id}:${rows}:${window}`, () => mask(segments, rows, length, window))
  return tf.reshape(tf.add(tf.reshape(scores, [rows, heads, length, length]), hidden), scores.shape)
}

function scaled(x: Tensor, { scale }: AttentionAttributes): Tensor {
  return tf.mul(x, scale)
}

/** 0 where token i may see token j, `masked` elsewhere: [rows, 1, length, length]. */
function mask(segments: Tensor, rows: number, length: number, window: number): Tensor {
  const seen = new Float32Array(length * length)
  for (let i = 0; i < length; i++) {
    for (let j = window ? Math.max(0, i - window + 1) : 0; j <= i; j++) seen[i * length + j] = 1
  }
  const same = tf.equal(tf.reshape(segments, [rows, 1, length, 1]), tf.reshape(segments, [rows, 1, 1, length]))
  const open = tf.mul(tf.cast(same, 'float32'), tf.tensor(seen, [1, 1, length, length]))
  return tf.mul(tf.sub(1, open), masked)
}

/** [1, 1, T, capacity] */
function cachedMask(positions: Tensor, capacity: number, { window }: CachedAttentionAttributes): Tensor {
  const entries = tf.reshape(tf.range(0, capacity, 1, 'float32'), [1, 1, 1, capacity])
  const at = tf.reshape(tf.cast(positions, 'float32'), [1, 1, -1, 1])
  let open = tf.cast(tf.lessEqual(entries, at), 'float32')
  if (window) open = tf.mul(open, tf.cast(tf.greater(entries, tf.sub(at, window)), 'float32'))
  return tf.mul(tf.sub(1, open), masked)
}

function splitQueries(x: Tensor, { rows, heads, keyValueHeads, headDim }: AttentionAttributes): Tensor {
  const length = x.shape[0] / rows
  return swapMiddle(x, [rows, length, heads, headDim], [rows * keyValueHeads, (heads / keyValueHeads) * length, headDim])
}

function mergeQueries(x: Tensor, { rows, heads, headDim }: AttentionAttributes): Tensor {
  const length = x.size / (rows * heads * headDim)
  return swapMiddle(x, [rows, heads, length, headDim], [rows * length, heads * headDim])
}

function splitKeys(x: Tensor, { rows, keyValueHeads, headDim }: AttentionAttributes): Tensor {
  const length = x.shape[0] / rows
  return swapMiddle(x, [rows, length, keyValueHeads, headDim], [rows * keyValueHeads, length, headDim])
}

function mergeKeys(x: Tensor, { rows, keyValueHeads, headDim }: AttentionAttributes): Tensor {
  const length = x.size / (rows * keyValueHeads * headDim)
  return swapMiddle(x, [rows, keyValueHeads, length, headDim], [rows * length, keyValueHeads * headDim])
}

/** Reads x as `from`, exchanges dimensions 1 and 2, and reads the result as `to`. */
function swapMiddle(x: Tensor, from: number[], to: number[]): Tensor {
  return tf.reshape(tf.transpose(tf.reshape(x, from), [0, 2, 1, 3]), to)
}
