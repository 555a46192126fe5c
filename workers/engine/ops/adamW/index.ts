import { sizeOf } from '../../plan/plan.ts'
import type { OpDefinition } from '../definition.ts'

export interface AdamWAttributes {
  beta1: number
  beta2: number
  epsilon: number
  /** Which of `settings`' two learning rates: 0 for A matrices, 1 for B (LoRA+). */
  group: 0 | 1
}

/** Places in the `settings` input, [6]; they change every step, so they are data. */
export const adamWSettings = {
  learningRateA: 0,
  learningRateB: 1,
  /** 1 − beta1^t, 1 − beta2^t for step t = 1, 2, … */
  correction1: 2,
  correction2: 3,
  weightDecay: 4,
  /** Largest global norm; 0: do not clip. */
  clip: 5,
} as const

/**
 * AdamW (Loshchilov and Hutter 2019) as PyTorch does it, on flat buffers [n]:
 *
 *     g  = gradient·min(1, clip / (norm + 1e-6))
 *     m  = beta1·m + (1 − beta1)·g        v = beta2·v + (1 − beta2)·g²
 *     p  = p·(1 − lr·decay) − lr/correction1·m / (√v/√correction2 + epsilon)
 *
 * report [2] holds the norm first (see globalNorm); settings [6].
 */
export const adamW: OpDefinition<'adamW'> = {
  name: 'adamW',
  inputs: ['parametersIn', 'gradient', 'mIn', 'vIn', 'report', 'settings'],
  optionalInputs: [],
  outputs: ['parameters', 'm', 'v'],
  inPlace: { parameters: 'parametersIn', m: 'mIn', v: 'vIn' },
  flops: ({ gradient }) => 15 * sizeOf(gradient),
}
