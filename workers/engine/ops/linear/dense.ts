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

/*
 * Batches: XNNPACK takes one product at a time, and tfjs sends whole batches a
 * way that is ten times slower. Cutting a batch up costs copies, so small
 * products stay together.
 */
const worthCutting = 2 ** 19

function cut(batch: number, multiplications: number): boolean {
  return fastOnlyUntransposed() && batch > 1 && multiplications / batch >= worthCutting
}

/** a·b for each of a batch: a [batch, n, k], b [batch, k, m] → [batch, n, m]. */
export function timesEach(a: Tensor, b: Tensor): Tensor {
  if (!cut(a.shape[0], a.size * b.shape[2]!)) return tf.matMul(a, b)
  const right = pieces(b)
  return tf.stack(pieces(a).map((left, i) => tf.matMul(left, right[i])))
}

/** a·bᵀ for each of a batch: a [batch, n, k], b [batch, m, k] → [batch, n, m]. */
export function timesTransposedEach(a: Tensor, b: Tensor): Tensor {
  if (!cut(a.shape[0], a.size * b.shape[1]!)) return tf.matMul(a, b, false, true)
  return timesEach(a, tf.transpose(b, [0, 2, 1]))
}

/** aᵀ·b for each of a batch: a [batch, k, n], b [batch, k, m] → [batch, n, m]. */
export function transposedTimesEach(a: Tensor, b: Tensor): Tensor {
  if (!cut(a.shape[0], a.size * b.shape[2]!)) return tf.matMul(a, b, true, false)
  return timesEach(tf.transpose(a, [0, 2, 1]), b)
}

/** Each of a batch. tfjs-wasm's own slice copies the whole tensor for every slice. */
function pieces(x: Tensor): Tensor[] {
  const [batch, rows, columns] = x.shape
  const data = x.dataSync()
  return Array.from({ length: batch }, (_, i) => tf.tensor2d(data.subarray(i * rows * columns, (i + 1) * rows * columns), [rows, columns]))
}
