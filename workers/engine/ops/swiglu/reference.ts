import { tf } from '../../backend/tfjs.ts'
import type { Reference } from '../reference.ts'

export const swigluReference: Reference<'swiglu'> = ({ gate, up }) => ({
  y: tf.mul(tf.mul(gate, tf.sigmoid(gate)), up),
})

export const swigluBackwardReference: Reference<'swigluBackward'> = ({ dy, gate, up }) => {
  const sigma = tf.sigmoid(gate)
  const dySigma = tf.mul(dy, sigma)
  const slope = tf.add(1, tf.mul(gate, tf.sub(1, sigma)))
  return { dgate: tf.mul(tf.mul(dySigma, up), slope), dup: tf.mul(dySigma, gate) }
}
