import { tf } from '../../backend/tfjs.ts'
import type { Tensor } from '../../backend/tfjs.ts'
import { sizeOf } from '../plan.ts'

/**
 * A float tensor that is written from front to back. On WebAssembly every piece
 * goes straight into the backend's memory, so that JS holds no more than a
 * piece; elsewhere tfjs takes tensors whole.
 */
export class TensorWriter {
  private readonly tensor: Tensor | null
  private readonly values: Float32Array
  private readonly shape: readonly number[]
  private written = 0

  constructor(shape: readonly number[]) {
    this.shape = shape
    this.tensor = tf.getBackend() === 'wasm' ? tf.fill([...shape], 0) : null
    this.values = new Float32Array(this.tensor ? 0 : sizeOf(shape))
  }

  /** @returns the tensor once it is whole, to be disposed as any other; null before. */
  append(values: Float32Array): Tensor | null {
    const target = this.tensor ? heapOf(this.tensor) : this.values
    target.set(values, this.written)
    this.written += values.length
    if (this.written < target.length) return null
    return this.tensor ?? tf.tensor(this.values, [...this.shape])
  }

  dispose(): void {
    this.tensor?.dispose()
  }
}

/** tfjs's WebAssembly backend: where a tensor's numbers are in its memory. */
interface HeapBackend {
  typedArrayFromHeap(tensor: Tensor): Float32Array
}

/** Valid until the next tensor is made: the memory may grow. */
function heapOf(tensor: Tensor): Float32Array {
  return (tf.backend() as unknown as HeapBackend).typedArrayFromHeap(tensor)
}
