import { tf } from '../../backend/tfjs.ts'
import type { Tensor } from '../../backend/tfjs.ts'
import { dropoutModulus, dropoutScale, dropoutThreshold } from './dropout.ts'

/** The mask of dropout.ts, [rows, columns], made on the active backend from `keys` [layers, 8]. */
export function dropoutTensor(rows: number, columns: number, rate: number, keys: Tensor, keyRow: number): Tensor {
  const k = tf.split(tf.cast(tf.slice(tf.reshape(keys, [-1]), [8 * keyRow], [8]), 'float32'), 8)
  const u = line(rows, [rows, 1], k[0], k[1], k[2])
  const v = line(columns, [1, columns], k[3], k[4], k[5])
  let z = modulo(tf.add(u, v))
  z = modulo(tf.add(tf.add(tf.square(z), tf.mul(u, k[6])), 1))
  z = modulo(tf.add(tf.add(tf.square(z), tf.mul(v, k[7])), 1))
  const kept = tf.greaterEqual(modulo(tf.add(tf.square(z), u)), dropoutThreshold(rate))
  return tf.mul(tf.cast(kept, 'float32'), dropoutScale(rate))
}

function line(n: number, shape: [number, number], low: Tensor, high: Tensor, constant: Tensor): Tensor {
  const m = dropoutModulus
  const index = Array.from({ length: n }, (_, i) => i)
  const remainder = tf.tensor(index.map((i) => i % m), shape)
  const quotient = tf.tensor(index.map((i) => Math.floor(i / m)), shape)
  return modulo(tf.add(tf.add(tf.mul(remainder, low), tf.mul(quotient, high)), constant))
}

/** The half keeps the floor right where a GPU's division is an ulp off. */
function modulo(x: Tensor): Tensor {
  return tf.sub(x, tf.mul(tf.floor(tf.div(tf.add(x, 0.5), dropoutModulus)), dropoutModulus))
}
