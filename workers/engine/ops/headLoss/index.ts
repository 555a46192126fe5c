import type { OpDefinition } from '../definition.ts'

export interface HeadLossAttributes {
  /** Into how many pieces the vocabulary is cut; the last may be smaller. */
  pieces: number
}

/**
 * The head and the cross-entropy in one, over the vocabulary in pieces, so that
 * logits never exist as a whole:
 *
 *     nll[t]  = logsumexp(x[t]·Wᵀ) − x[t]·W[targets[t]]          (0 where targets[t] = -1)
 *     dx[t]   = weight·(softmax(x[t]·Wᵀ)·W − W[targets[t]])      (0 where targets[t] = -1)
 *     loss    = lossIn + weight·Σ nll
 *
 * x [n, hidden], w [vocabulary, hidden] (may be packed), targets int32 [n],
 * weight [1] (1 / targets of the whole optimiser step) → nll [n], dx [n, hidden], loss [1].
 *
 * One pass suffices: with running maximum m and sum s over the pieces, the
 * accumulator Σ exp(logit − m)·W is rescaled as m grows, as in FlashAttention.
 */
export const headLoss: OpDefinition<'headLoss'> = {
  name: 'headLoss',
  inputs: ['x', 'w', 'targets'],
  optionalInputs: ['weight', 'lossIn'],
  outputs: ['nll', 'dx', 'loss'],
  inPlace: { loss: 'lossIn' },
  flops: ({ x, w, dx }) => (dx ? 4 : 2) * x[0] * w[0] * w[1],
}
