/**
 * Deals items into two parts by a seed, each part in the original order.
 *
 * @param share of the items that goes into the second part, 0 to 1; at least one
 *   item when the share is positive and there are two or more.
 */
export function splitRows<T>(items: readonly T[], share: number, seed: number): [kept: T[], heldOut: T[]] {
  const wanted = Math.round(items.length * share)
  const count = share > 0 && items.length > 1 ? Math.min(items.length - 1, Math.max(1, wanted)) : 0
  const order = shuffled(items.length, seed)
  const heldOut = new Set(order.slice(0, count))
  return [items.filter((_, i) => !heldOut.has(i)), items.filter((_, i) => heldOut.has(i))]
}

/** The numbers below `length` in an order fixed by the seed (Fisher and Yates). */
export function shuffled(length: number, seed: number): number[] {
  const order = Array.from({ length }, (_, i) => i)
  const random = splitMix32(seed)
  for (let i = length - 1; i > 0; i--) {
    const j = Math.floor((random() / 2 ** 32) * (i + 1))
    const swapped = order[i]
    order[i] = order[j]
    order[j] = swapped
  }
  return order
}

/** SplitMix with 32 bits of state: whole numbers from 0 to 2^32 - 1. */
function splitMix32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let z = state
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return (z ^ (z >>> 15)) >>> 0
  }
}
