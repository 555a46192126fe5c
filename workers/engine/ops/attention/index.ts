import type { OpDefinition, PortShapes } from '../definition.ts'

export interface AttentionAttributes {
  /** Sequences in the batch; T = rows·length. */
  rows: number
  heads: number
  keyValueHeads: number
  headDim: number
  /** Positions that a token sees, itself included; 0: all. */
  window: number
  /** Factor on q·k, usually headDim^(-1/2). */
  scale: number
}

/**
 * Causal self-attention with grouped queries (Ainslie et al. 2023) inside
 * segments. Token i of a row sees token j of the same row when j ≤ i,
 * segments[i] = segments[j], and i − j < window (if there is one). Packed rows
 * have a segment each; padding has a segment of its own, -1.
 *
 * q [T, heads·headDim], k and v [T, keyValueHeads·headDim], segments int32 [T]
 * → o [T, heads·headDim], logsumexp [rows·heads·length] of the scaled scores
 * (FlashAttention-2's L). Query head h reads key-value head ⌊h·keyValueHeads/heads⌋.
 */
export const attention: OpDefinition<'attention'> = {
  name: 'attention',
  inputs: ['q', 'k', 'v', 'segments'],
  optionalInputs: [],
  outputs: ['o', 'logsumexp'],
  flops: (shapes, attrs) => 4 * pairs(shapes, attrs),
}

/** Gradients of `attention`, from its inputs, `o`, `logsumexp` and `do` [T, heads·headDim]. */
export const attentionBackward: OpDefinition<'attentionBackward'> = {
  name: 'attentionBackward',
  inputs: ['q', 'k', 'v', 'o', 'logsumexp', 'do', 'segments'],
  optionalInputs: [],
  outputs: ['dq', 'dk', 'dv'],
  flops: (shapes, attrs) => 10 * pairs(shapes, attrs),
}

/** Causal pairs of positions times features. */
function pairs({ q }: PortShapes, { rows, heads, headDim, window }: AttentionAttributes): number {
  const length = q[0] / rows
  const seen = window && window < length ? window * length - (window * (window - 1)) / 2 : (length * (length + 1)) / 2
  return rows * heads * headDim * seen
}

export type CachedAttentionAttributes = Omit<AttentionAttributes, 'rows'>

/**
 * Attention of a few new tokens over a cache: query t, at positions[t], sees the
 * cache's entries j ≤ positions[t] within the window. One row.
 *
 * q [T, heads·headDim], k and v [capacity, keyValueHeads·headDim] with the new
 * tokens' own entries already written, positions int32 [T] → o [T, heads·headDim].
 */
export const cachedAttention: OpDefinition<'cachedAttention'> = {
  name: 'cachedAttention',
  inputs: ['q', 'k', 'v', 'positions'],
  optionalInputs: [],
  outputs: ['o'],
  flops: ({ q, k }) => 4 * q[0] * q[1] * k[0],
}
