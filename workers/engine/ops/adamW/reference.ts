import { tf } from '../../backend/tfjs.ts'
import type { Reference } from '../reference.ts'
import { adamWSettings as at } from './index.ts'

export const adamWReference: Reference<'adamW'> = ({ parametersIn, gradient, mIn, vIn, report, settings }, attrs) => {
  const { beta1, beta2, epsilon, group } = attrs
  const setting = (index: number) => tf.slice(settings, [index], [1])
  const rate = setting(at.learningRateA + group)
  const clip = setting(at.clip)
  const limited = tf.minimum(1, tf.div(clip, tf.add(tf.slice(report, [0], [1]), 1e-6)))
  const factor = tf.where(tf.greater(clip, 0), limited, tf.onesLike(clip))
  const g = tf.mul(gradient, factor)
  const m = tf.add(tf.mul(mIn, beta1), tf.mul(g, 1 - beta1))
  const v = tf.add(tf.mul(vIn, beta2), tf.mul(tf.square(g), 1 - beta2))
  const denominator = tf.add(tf.div(tf.sqrt(v), tf.sqrt(setting(at.correction2))), epsilon)
  const step = tf.mul(tf.div(m, denominator), tf.div(rate, setting(at.correction1)))
  const decayed = tf.mul(parametersIn, tf.sub(1, tf.mul(rate, setting(at.weightDecay))))
  return { parameters: tf.sub(decayed, step), m, v }
}
