import { tf } from '../../backend/tfjs.ts'
import type { Reference } from '../reference.ts'

export const embedReference: Reference<'embed'> = ({ ids, table }) => ({ x: tf.gather(table, ids as never) })
