import { tf } from '../../backend/tfjs.ts'
import type { Tensor } from '../../backend/tfjs.ts'
import type { Reference, ReferenceContext } from '../reference.ts'
import { times, timesTransposed, transposedTimes } from './dense.ts'
import { dropoutTensor } from './dropoutTensor.ts'
import type { LinearAttributes } from './index.ts'

export const linearReference: Reference<'linear'> = ({ x, w, bias, add, a, b, keys }, attrs, context) => {
  if (a && !context.wanted.has('y')) return { xa: timesTransposed(dropped(x, keys, attrs, context), a) }
  let y = timesTransposed(x, w)
  if (bias) y = tf.add(y, bias)
  if (add) y = tf.add(y, add)
  if (!a) return { y } as Record<string, Tensor>
  const xa = timesTransposed(dropped(x, keys, attrs, context), a)
  return { y: tf.add(y, tf.mul(timesTransposed(xa, b), attrs.scale)), xa }
}

export const linearBackwardReference: Reference<'linearBackward'> = (inputs, attrs, context) => {
  const { dy, w, x, a, b, xa, keys, dxIn, daIn, dbIn } = inputs
  const { wanted } = context
  const result: Record<string, Tensor> = {}
  const dyb = a && tf.mul(times(dy, b), attrs.scale)
  if (wanted.has('dx')) {
    let dx = times(dy, w)
    if (a) dx = tf.add(dx, dropped(times(dyb, a), keys, attrs, context))
    result.dx = dxIn ? tf.add(dx, dxIn) : dx
  }
  if (wanted.has('da')) {
    const da = transposedTimes(dyb, dropped(x, keys, attrs, context))
    result.da = daIn ? tf.add(da, daIn) : da
  }
  if (wanted.has('db')) {
    const db = tf.mul(transposedTimes(dy, xa), attrs.scale)
    result.db = dbIn ? tf.add(db, dbIn) : db
  }
  return result
}

function dropped(x: Tensor, keys: Tensor | undefined, { dropout, keyRow }: LinearAttributes, { memo }: ReferenceContext): Tensor {
  if (!dropout || !keys) return x
  const [rows, columns] = x.shape
  return tf.mul(x, memo(`dropout:${keys.id}:${keyRow}:${columns}`, () => dropoutTensor(rows, columns, dropout, keys, keyRow)))
}
