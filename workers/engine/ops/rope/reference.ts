import { tf } from '../../backend/tfjs.ts'
import type { Tensor } from '../../backend/tfjs.ts'
import type { Reference } from '../reference.ts'

/** y = x∘cos + swapped(x)∘(±sin): the halves of each head swapped, the first half's sine negative. */
export const ropeReference: Reference<'rope'> = ({ x, positions, frequencies }, { headDim, inverse }, { memo }) => {
  const half = headDim / 2
  const key = `rope:${positions.id}:${headDim}`
  const angles = () => {
    const angle = tf.mul(tf.reshape(tf.cast(positions, 'float32'), [-1, 1, 1]), tf.reshape(frequencies, [1, 1, half]))
    return tf.concat([angle, angle], 2)
  }
  const sign = inverse ? [1, -1] : [-1, 1]
  const cos = memo(`${key}:cos`, () => tf.cos(angles()))
  const sin = memo(`${key}:sin:${inverse}`, () => {
    const signs = tf.tensor(Array.from({ length: headDim }, (_, i) => sign[i < half ? 0 : 1]))
    return tf.mul(tf.sin(angles()), signs)
  })
  const swap = memo(`rope:swap:${headDim}`, () => tf.tensor1d(Array.from({ length: headDim }, (_, i) => (i + half) % headDim), 'int32'))
  const heads = tf.reshape(x, [x.shape[0], -1, headDim])
  const swapped: Tensor = tf.gather(heads, swap as never, 2)
  return { y: tf.reshape(tf.add(tf.mul(heads, cos), tf.mul(swapped, sin)), x.shape) }
}
