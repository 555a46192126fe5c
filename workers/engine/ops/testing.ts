/** What the operations' tests share: random tensors and a plain context. */
import { tf } from '../backend/tfjs.ts'
import type { Tensor } from '../backend/tfjs.ts'
import { Random } from '../../../src/data/random.ts'
import type { ReferenceContext } from './reference.ts'

/** A tensor of roughly normal numbers, the same for the same seed. */
export function randomTensor(shape: number[], seed: number): Tensor {
  const random = new Random(seed)
  const size = shape.reduce((a, b) => a * b, 1)
  return tf.tensor(Float32Array.from({ length: size }, () => random.uniform() + random.uniform() + random.uniform() - 1.5), shape)
}

export const integers = (values: readonly number[]): Tensor => tf.tensor1d([...values], 'int32')

/** A context that wants these outputs and shares nothing. */
export const wanting = (...outputs: string[]): ReferenceContext => ({ wanted: new Set(outputs), memo: (_key, make) => make() })

/** The gradients of Σ dy∘f(x…) that tfjs's own tape finds. */
export function tapeGradients(f: (...x: Tensor[]) => Tensor, x: Tensor[], dy: Tensor): Tensor[] {
  return tf.grads((...inputs) => tf.sum(tf.mul(f(...inputs), dy)))(x)
}

/** Norm of the difference over the norm of the expected. */
export function relativeError(actual: Tensor, expected: Tensor): number {
  const norm = (t: Tensor) => Math.sqrt(tf.sum(tf.square(t)).dataSync()[0])
  return norm(tf.sub(actual, expected)) / (norm(expected) + 1e-12)
}
