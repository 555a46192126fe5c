/**
 * Products with frozen weights through our own WebAssembly kernel (tfjs's WASM
 * backend neither fuses multiply-adds nor threads): the seam between tfjs's
 * tensors and `backend/wasm/products.ts`.
 */
import { tf } from '../../backend/tfjs.ts'
import type { Tensor } from '../../backend/tfjs.ts'
import type { PlacedWeight, Products } from '../../backend/wasm/products.ts'

/** Below this in either direction a product is not worth copying its operands. */
const smallest = 96

let products: Products | null = null
const frozen = new WeakSet<Tensor>()
const placed = new Map<Tensor, PlacedWeight>()

/** Frozen weights go through these products from now on; null: through tfjs. */
export function useProducts(own: Products | null): void {
  for (const weight of placed.values()) products?.release(weight)
  placed.clear()
  products = own
}

/** Says that a tensor [out, in] never changes, so that it may be packed once for all its products. */
export function markFrozen(tensor: Tensor): void {
  if (tensor.rank === 2) frozen.add(tensor)
}

/** x·wᵀ, or null where tfjs should do it. */
export function frozenTimesTransposed(x: Tensor, w: Tensor): Tensor | null {
  const weight = placedWeight(w)
  if (!weight || !products) return null
  const [rows] = x.shape
  return tf.tensor2d(products.forward(x.dataSync() as Float32Array, rows, weight), [rows, weight.out])
}

/** x·w, or null where tfjs should do it. */
export function frozenTimes(x: Tensor, w: Tensor): Tensor | null {
  const weight = placedWeight(w)
  if (!weight || !products) return null
  const [rows] = x.shape
  return tf.tensor2d(products.backward(x.dataSync() as Float32Array, rows, weight), [rows, weight.in])
}

function placedWeight(w: Tensor): PlacedWeight | null {
  if (!products || !frozen.has(w) || Math.min(...w.shape) < smallest) return null
  const known = placed.get(w)
  if (known) return known
  for (const [tensor, weight] of placed) {
    if (!tensor.isDisposed) continue
    products.release(weight)
    placed.delete(tensor)
  }
  const made = products.tryPlace(w.dataSync() as Float32Array, w.shape[0], w.shape[1]!)
  // Where memory has run out, tfjs goes on with this weight for good: the choice must not change within a run.
  if (made) placed.set(w, made)
  else frozen.delete(w)
  return made
}
