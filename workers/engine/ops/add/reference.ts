import { tf } from '../../backend/tfjs.ts'
import type { Reference } from '../reference.ts'

export const addReference: Reference<'add'> = ({ a, b }) => ({ y: tf.add(a, b) })
