import { tf } from '../../backend/tfjs.ts'
import type { Tensor } from '../../backend/tfjs.ts'
import { times, timesTransposed } from '../linear/dense.ts'
import type { Reference } from '../reference.ts'

export const headLossReference: Reference<'headLoss'> = ({ x, w, targets, weight, lossIn }, { pieces }, { wanted }) => {
  const [vocabulary, hidden] = w.shape
  const piece = Math.ceil(vocabulary / pieces)
  const withGradient = wanted.has('dx')
  let top: Tensor | undefined
  let sum: Tensor | undefined
  let pulled: Tensor | undefined // Σ exp(logit − top)·W
  for (let from = 0; from < vocabulary; from += piece) {
    const part = pieces === 1 ? w : tf.slice(w, [from, 0], [Math.min(piece, vocabulary - from), hidden])
    const logits = timesTransposed(x, part)
    const partTop = tf.max(logits, 1, true)
    const newTop: Tensor = top ? tf.maximum(top, partTop) : partTop
    const weights = tf.exp(tf.sub(logits, newTop))
    const shrink: Tensor | undefined = top && tf.exp(tf.sub(top, newTop))
    const partSum = sumOfRows(weights)
    sum = sum && shrink ? tf.add(tf.mul(sum, shrink), partSum) : partSum
    if (withGradient) {
      const partPulled = times(weights, part)
      pulled = pulled && shrink ? tf.add(tf.mul(pulled, shrink), partPulled) : partPulled
    }
    top = newTop
  }
  const zero = tf.scalar(0, 'int32')
  const valid = tf.reshape(tf.cast(tf.greaterEqual(targets, zero), 'float32'), [-1, 1])
  const own = tf.gather(w, tf.maximum(targets, zero) as never)
  const logsumexp = tf.add(top!, tf.log(sum!))
  const nll = tf.mul(tf.sub(logsumexp, tf.sum(tf.mul(x, own), 1, true)), valid)
  const result: Record<string, Tensor> = { nll: tf.reshape(nll, [-1]) }
  if (withGradient) result.dx = tf.mul(tf.sub(tf.div(pulled!, sum!), own), tf.mul(valid, weight))
  if (wanted.has('loss')) {
    const loss = tf.reshape(tf.mul(tf.sum(nll), weight), [1])
    result.loss = lossIn ? tf.add(loss, lossIn) : loss
  }
  return result
}

/** Numbers that are added up at once. */
const group = 256

/**
 * Sums over the columns of [rows, columns], [rows, 1], in groups: added one
 * after the other in float32, 49,152 exponentials are off by 1e-4.
 */
function sumOfRows(x: Tensor): Tensor {
  const [rows, columns] = x.shape
  const rest = columns % group
  if (columns <= group) return tf.sum(x, 1, true)
  const whole = rest ? tf.slice(x, [0, 0], [rows, columns - rest]) : x
  const sum = tf.sum(tf.sum(tf.reshape(whole, [rows, -1, group]), 2), 1, true)
  return rest ? tf.add(sum, tf.sum(tf.slice(x, [0, columns - rest], [rows, rest]), 1, true)) : sum
}
