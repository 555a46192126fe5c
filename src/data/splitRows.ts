import { Random } from './random.ts'

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

/** The numbers below `length` in an order fixed by the seed. */
export function shuffled(length: number, seed: number): number[] {
  return new Random(seed).shuffled(Array.from({ length }, (_, i) => i))
}
