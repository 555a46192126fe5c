import { tf } from '../../backend/tfjs.ts'
import type { Reference } from '../reference.ts'

export const gatherRowsReference: Reference<'gatherRows'> = ({ x, rows }) => {
  const present = tf.reshape(tf.cast(tf.greaterEqual(rows, tf.scalar(0, 'int32')), 'float32'), [-1, 1])
  const picked = tf.gather(x, tf.maximum(rows, tf.scalar(0, 'int32')) as never)
  return { y: tf.mul(picked, present) }
}
