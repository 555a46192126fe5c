import type { OpDefinition, PortShapes } from '../definition.ts'

export interface LinearAttributes {
  /** LoRA's factor s: alpha/rank, or alpha/sqrt(rank) with rsLoRA. */
  scale: number
  /** Probability that an element of x is dropped on its way into A; 0 when not training. */
  dropout: number
  /** Which row of `keys` makes this layer's dropout mask. */
  keyRow: number
}

/**
 * A frozen linear layer with its LoRA path (Hu et al. 2021):
 *
 *     y = x·Wᵀ + bias + add + s·(dropout(x)·aᵀ)·bᵀ
 *
 * x [T, in], w [out, in] (may be packed), bias [out], add [T, out] (a residual),
 * a [rank, in], b [out, rank], keys int32 [layers, 8] → y [T, out], xa [T, rank].
 *
 * `a` and `b` come together or not at all; `xa` = dropout(x)·aᵀ (without s) is
 * kept for the backward pass (and all that is computed where `y` is not bound). `keys` is bound when `dropout` > 0: the mask is
 * the one of dropout.ts, so that the backward pass makes it again.
 */
export const linear: OpDefinition<'linear'> = {
  name: 'linear',
  inputs: ['x', 'w'],
  optionalInputs: ['bias', 'add', 'a', 'b', 'keys'],
  outputs: ['y', 'xa'],
  inPlace: { y: 'add' },
  flops: ({ x, w, a, y }) => 2 * x[0] * ((y ? w[0] * (w[1] + (a ? a[0] : 0)) : 0) + (a ? a[0] * w[1] : 0)),
}

/**
 * The gradients of `linear`:
 *
 *     dyb = s·dy·b           [T, rank]
 *     dx  = dy·W + mask∘(dyb·a) + dxIn
 *     da  = dybᵀ·dropout(x) + daIn
 *     db  = s·dyᵀ·xa + dbIn
 *
 * There is no gradient of W. `dxIn` accumulates where several layers share one
 * input (q, k, v); `daIn`, `dbIn` accumulate over micro-batches. Without `dx`
 * among the outputs (the lowest layer with an adapter) W is not read.
 */
export const linearBackward: OpDefinition<'linearBackward'> = {
  name: 'linearBackward',
  inputs: ['dy', 'w'],
  optionalInputs: ['x', 'a', 'b', 'xa', 'keys', 'dxIn', 'daIn', 'dbIn'],
  outputs: ['dx', 'da', 'db'],
  inPlace: { dx: 'dxIn', da: 'daIn', db: 'dbIn' },
  flops: (shapes) => backwardFlops(shapes),
}

function backwardFlops({ dy, w, a, dx, da }: PortShapes): number {
  const dense = dx ? w[0] * w[1] : 0
  const lora = a ? w[0] * a[0] + (dx ? a[0] * w[1] : 0) + (da ? a[0] * (w[0] + w[1]) : 0) : 0
  return 2 * dy[0] * (dense + lora)
}
