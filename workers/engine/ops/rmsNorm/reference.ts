import { tf } from '../../backend/tfjs.ts'
import type { Reference } from '../reference.ts'

export const rmsNormReference: Reference<'rmsNorm'> = ({ x, weight }, { epsilon }) => {
  const groups = tf.reshape(x, [-1, weight.size])
  const rstd = tf.rsqrt(tf.add(tf.mean(tf.square(groups), 1, true), epsilon))
  return { y: tf.reshape(tf.mul(tf.mul(groups, rstd), weight), x.shape), rstd: tf.reshape(rstd, [-1]) }
}

export const rmsNormBackwardReference: Reference<'rmsNormBackward'> = ({ dy, x, weight, rstd, add }) => {
  const groups = tf.reshape(x, [-1, weight.size])
  const r = tf.reshape(rstd, [-1, 1])
  const dyw = tf.mul(tf.reshape(dy, groups.shape), weight)
  const normalised = tf.mul(groups, r)
  const dx = tf.reshape(tf.mul(tf.sub(dyw, tf.mul(normalised, tf.mean(tf.mul(dyw, normalised), 1, true))), r), x.shape)
  return { dx: add ? tf.add(dx, add) : dx }
}
