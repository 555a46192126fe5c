import { tf } from '../../backend/tfjs.ts'
import type { Tensor } from '../../backend/tfjs.ts'
import { timesEach, timesTransposedEach, transposedTimesEach } from '../linear/dense.ts'
import type { Reference, ReferenceContext } from '../reference.ts'
import { blockSize } from './blocks.ts'
import type { AttentionAttributes, CachedAttentionAttributes } from './index.ts'

const masked = -1e30

/*
 * Query heads of one group are stacked along the length, so that grouped
 * queries are one batched product: q [rows·kv, group·block, headDim] against
 * k, v [rows·kv, keys, headDim]. A block of queries sees no key behind it, and
 * with a window only some before it.
 */

export const attentionReference: Reference<'attention'> = ({ q, k, v, segments }, attrs, context) => {
  const withSums = context.wanted.has('logsumexp')
  const parts = blocksOf(q.shape[0], attrs).map((block) => tf.tidy(() => {
    const scores = scoresOf(scaled(queriesOf(q, block, attrs), attrs), k, segments, block, attrs, context)
    const p = tf.softmax(scores)
    const o = mergeQueries(timesEach(p, splitKeys(keysOf(v, block, attrs), attrs)), attrs)
    // log p = score − logsumexp, read off where both are largest.
    const sums = withSums ? [tf.reshape(tf.sub(tf.max(scores, -1), tf.log(tf.max(p, -1))), [attrs.rows * attrs.heads, -1])] : []
    return [o, ...sums]
  }))
  const o = joinQueries(parts.map(([part]) => part), attrs)
  if (!withSums) return { o } as Record<string, Tensor>
  return { o, logsumexp: tf.reshape(tf.concat(parts.map(([, sums]) => sums), 1), [-1]) }
}

/** Takes the softmax of the scores again: quicker on every backend of tfjs than exp(score − logsumexp). */
export const attentionBackwardReference: Reference<'attentionBackward'> = (inputs, attrs, context) => {
  const { q, k, v, o, segments } = inputs
  const length = q.shape[0] / attrs.rows
  const dqs: Tensor[] = []
  let dk: Tensor | undefined
  let dv: Tensor | undefined
  for (const block of blocksOf(q.shape[0], attrs)) {
    const [dq, dkPart, dvPart] = tf.tidy(() => {
      const own = scaled(queriesOf(q, block, attrs), attrs)
      const p = tf.softmax(scoresOf(own, k, segments, block, attrs, context))
      const dO = splitQueries(queriesOf(inputs.do, block, attrs), attrs)
      const delta = tf.sum(tf.mul(dO, splitQueries(queriesOf(o, block, attrs), attrs)), -1, true)
      const dS = tf.mul(p, tf.sub(timesTransposedEach(dO, splitKeys(keysOf(v, block, attrs), attrs)), delta))
      return [
        scaled(mergeQueries(timesEach(dS, splitKeys(keysOf(k, block, attrs), attrs)), attrs), attrs),
        placeKeys(transposedTimesEach(dS, splitQueries(own, attrs)), block, length),
        placeKeys(transposedTimesEach(p, dO), block, length),
      ]
    })
    dqs.push(dq)
    dk = dk ? tf.add(dk, dkPart) : dkPart
    dv = dv ? tf.add(dv, dvPart) : dvPart
  }
  return { dq: joinQueries(dqs, attrs), dk: mergeKeys(dk!, attrs), dv: mergeKeys(dv!, attrs) }
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

/** Queries `from`…`to` of each row, and the first key that any of them sees. */
interface Block {
  from: number
  to: number
  firstKey: number
}

function blocksOf(tokens: number, { rows, heads, window }: AttentionAttributes): Block[] {
  const length = tokens / rows
  const size = blockSize({ rows, heads, length })
  return Array.from({ length: Math.ceil(length / size) }, (_, i) => {
    const from = i * size
    return { from, to: Math.min(length, from + size), firstKey: window ? Math.max(0, from - window + 1) : 0 }
  })
}

function queriesOf(x: Tensor, { from, to }: Block, { rows }: AttentionAttributes): Tensor {
  return partOfRows(x, rows, from, to)
}

function keysOf(x: Tensor, { firstKey, to }: Block, { rows }: AttentionAttributes): Tensor {
  return partOfRows(x, rows, firstKey, to)
}

/** Tokens `from`…`to` of each row: x [rows·length, features] → [rows·(to − from), features]. */
function partOfRows(x: Tensor, rows: number, from: number, to: number): Tensor {
  const [tokens, features] = x.shape
  const length = tokens / rows
  if (to - from === length) return x
  return tf.reshape(tf.slice(tf.reshape(x, [rows, length, features]), [0, from, 0], [rows, to - from, features]), [-1, features])
}

/** Blocks [rows·block, features] put together again as [rows·length, features]. */
function joinQueries(parts: Tensor[], { rows }: AttentionAttributes): Tensor {
  if (parts.length === 1) return parts[0]
  const [, features] = parts[0].shape
  return tf.reshape(tf.concat(parts.map((part) => tf.reshape(part, [rows, -1, features])), 1), [-1, features])
}

/** A block's part of a gradient of keys or values, [rows·kv, keys, headDim], at its place among all keys. */
function placeKeys(x: Tensor, { firstKey, to }: Block, length: number): Tensor {
  return to - firstKey === length ? x : tf.pad(x, [[0, 0], [firstKey, length - to], [0, 0]])
}

/** q [rows·block, heads·headDim] comes scaled. */
function scoresOf(q: Tensor, k: Tensor, segments: Tensor, block: Block, attrs: AttentionAttributes, { memo }: ReferenceContext): Tensor {
  const { rows, heads, window } = attrs
  const { from, to, firstKey } = block
  const scores = timesTransposedEach(splitQueries(q, attrs), splitKeys(keysOf(k, block, attrs), attrs))
  const hidden = memo(`mask:${segments.id}:${rows}:${window}:${from}-${to}`, () => mask(segments, block, attrs))
  return tf.reshape(tf.add(tf.reshape(scores, [rows, heads, to - from, to - firstKey]), hidden), scores.shape)
}

function scaled(x: Tensor, { scale }: AttentionAttributes): Tensor {
  return tf.mul(x, scale)
}

/** 0 where a query may see a key, `masked` elsewhere: [rows, 1, queries, keys]. */
function mask(segments: Tensor, { from, to, firstKey }: Block, { rows, window }: AttentionAttributes): Tensor {
  const keys = to - firstKey
  const seen = new Float32Array((to - from) * keys)
  for (let i = from; i < to; i++) {
    for (let j = Math.max(firstKey, window ? i - window + 1 : 0); j <= i; j++) seen[(i - from) * keys + j - firstKey] = 1
  }
  const ofRow = tf.reshape(segments, [rows, -1])
  const queries = tf.reshape(tf.slice(ofRow, [0, from], [rows, to - from]), [rows, 1, -1, 1])
  const same = tf.equal(queries, tf.reshape(tf.slice(ofRow, [0, firstKey], [rows, keys]), [rows, 1, 1, -1]))
  const open = tf.mul(tf.cast(same, 'float32'), tf.tensor(seen, [1, 1, to - from, keys]))
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
