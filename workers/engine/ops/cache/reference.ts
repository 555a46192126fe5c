import { tf } from '../../backend/tfjs.ts'
import type { Reference } from '../reference.ts'

export const cacheWriteReference: Reference<'cacheWrite'> = ({ x, positions, cacheIn }) => ({
  cache: tf.tensorScatterUpdate(cacheIn, tf.reshape(positions, [-1, 1]), x),
})
