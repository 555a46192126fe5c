import type { TuningEvent } from '../../workers/protocol.ts'

/** A search for the fastest kernels, in words. */
export function searching({ product }: Pick<TuningEvent, 'product'>): string {
  return `Searching the fastest kernel for this GPU: ${product}`
}
