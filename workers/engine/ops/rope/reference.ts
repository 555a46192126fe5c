import { tf } from '../../backend/tfjs.ts'
import type { Tensor } from '../../backend/tfjs.ts'
import type { Reference } from '../reference.ts'

/**
 * y = x∘cos + (x·P)∘sin, where P exchanges the halves of a head and turns the
 * sign of one: a product with zeros and ones is exact, and quicker than a gather.
 */
export const ropeReference: Reference<'rope'> = ({ x, positions, frequencies }, { headDim, inverse }, { memo }) => {
  const half = headDim / 2
  const key = `rope:${positions.id}:${headDim}`
  const angles = (): Tensor => {
    const angle = tf.mul(tf.reshape(tf.cast(positions, 'float32'), [-1, 1, 1]), tf.reshape(frequencies, [1, 1, half]))
    return tf.concat([angle, angle], 2)
  }
  const cos = memo(`${key}:cos`, () => tf.cos(angles()))
  const sin = memo(`${key}:sin`, () => tf.sin(angles()))
  const swap = memo(`rope:swap:${headDim}:${inverse}`, () => swapMatrix(headDim, inverse))
  const heads = tf.reshape(x, [-1, headDim])
  const [turned, swapped] = [heads, tf.matMul(heads, swap)].map((part) => tf.reshape(part, [x.shape[0], -1, headDim]))
  return { y: tf.reshape(tf.add(tf.mul(turned, cos), tf.mul(swapped, sin)), x.shape) }
}

/** [headDim, headDim]: (x1, x2) → (−x2, x1), or (x2, −x1) for the inverse rotation. */
function swapMatrix(headDim: number, inverse: boolean): Tensor {
  const half = headDim / 2
  const values = new Float32Array(headDim * headDim)
  for (let i = 0; i < half; i++) {
    values[(i + half) * headDim + i] = inverse ? 1 : -1
    values[i * headDim + i + half] = inverse ? -1 : 1
  }
  return tf.tensor(values, [headDim, headDim])
}
