import { tf } from '../../backend/tfjs.ts'
import type { Tensor } from '../../backend/tfjs.ts'

/*
 * tfjs-wasm multiplies fast (XNNPACK) only where neither side is transposed, and
 * packs the right side once per tensor. So there: transposes are done by hand,
 * on the smaller side, and a weight [out, in] serves both directions as it is.
 */
const fastOnlyUntransposed = () => tf.getBackend() === 'wasm'

/** x·wᵀ: x [n, k], w [m, k] → [n, m]. */
export function timesTransposed(x: Tensor, w: Tensor): Tensor {
  if (!fastOnlyUntransposed()) return tf.matMul(x, w, false, true)
  return tf.transpose(tf.matMul(w, tf.transpose(x)))
}

/** x·w: x [n, k], w [k, m] → [n, m]. */
export function times(x: Tensor, w: Tensor): Tensor {
  return tf.matMul(x, w)
}

/** xᵀ·y: x [k, n], y [k, m] → [n, m]. */
export function transposedTimes(x: Tensor, y: Tensor): Tensor {
  if (!fastOnlyUntransposed()) return tf.matMul(x, y, true, false)
  return tf.matMul(tf.transpose(x), y)
}

/** a·b for each of a batch: a [batch, n, k], b [batch, k, m] → [batch, n, m]. */
export function timesEach(a: Tensor, b: Tensor): Tensor {
  if (!fastOnlyUntransposed() || a.shape[0] === 1) return tf.matMul(a, b)
  // XNNPACK takes one product at a time; batches go a way that is ten times slower.
  const right = tf.unstack(b)
  return tf.stack(tf.unstack(a).map((left, i) => tf.matMul(left, right[i])))
}

/** a·bᵀ for each of a batch: a [batch, n, k], b [batch, m, k] → [batch, n, m]. */
export function timesTransposedEach(a: Tensor, b: Tensor): Tensor {
  if (!fastOnlyUntransposed()) return tf.matMul(a, b, false, true)
  return timesEach(a, tf.transpose(b, [0, 2, 1]))
}

/** aᵀ·b for each of a batch: a [batch, k, n], b [batch, k, m] → [batch, n, m]. */
export function transposedTimesEach(a: Tensor, b: Tensor): Tensor {
  if (!fastOnlyUntransposed()) return tf.matMul(a, b, true, false)
  return timesEach(tf.transpose(a, [0, 2, 1]), b)
}
