/**
 * The one door to TensorFlow.js: everything else imports `tf` from here, so the
 * (dormant, pinned) package can be exchanged in one place.
 */
import * as tf from '@tensorflow/tfjs-core'

export { tf }
export type { Tensor } from '@tensorflow/tfjs-core'
