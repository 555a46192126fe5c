import { tf } from '../../backend/tfjs.ts'
import type { Reference } from '../reference.ts'

export const globalNormReference: Reference<'globalNorm'> = ({ gradientA, gradientB, loss }) => {
  const squares = tf.add(tf.sum(tf.square(gradientA)), tf.sum(tf.square(gradientB)))
  return { report: tf.concat([tf.reshape(tf.sqrt(squares), [1]), loss]) }
}
