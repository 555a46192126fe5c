import { z } from 'zod'

/** Everything a training run needs to know besides model, rows and adapter shape. */
export const trainingSettingsSchema = z.object({
  /** Optimiser steps at most. */
  steps: z.int().min(1),
  /** Sequences per micro-batch. */
  batchSize: z.int().min(1),
  /** Micro-batches per optimiser step. */
  accumulate: z.int().min(1).default(1),
  learningRate: z.number().positive(),
  /** Factor on the learning rate of B matrices (LoRA+, Hayou et al. 2024). */
  loraPlusRatio: z.number().positive().default(1),
  warmupSteps: z.int().min(0).default(0),
  schedule: z.enum(['constant', 'linear', 'cosine']).default('constant'),
  weightDecay: z.number().min(0).default(0),
  /** Largest global gradient norm; 0 leaves gradients alone. */
  clip: z.number().min(0).default(1),
  /** Pack several rows into one sequence, kept apart by a segment mask. */
  packing: z.boolean().default(true),
  /** Recompute each layer's activations in the backward pass. */
  gradientCheckpointing: z.boolean().default(false),
  seed: z.int().min(0).default(0),
  /** Share of the rows held out when no validation rows are given. */
  validationShare: z.number().min(0).max(0.5).default(0.1),
  /** Steps between evaluations on the validation rows. */
  evaluateEvery: z.int().min(1).default(20),
  /** Evaluations without an improvement of `minimumChange` before the run ends; 0: never. */
  patience: z.int().min(0).default(3),
  /** Smallest fall in loss that counts as an improvement, in nats. */
  minimumChange: z.number().min(0).default(0.001),
  checkpointEvery: z.int().min(1).default(20),
  /** Prompts to continue at every evaluation. */
  samplePrompts: z.array(z.string()).default([]),
})

export type TrainingSettings = z.infer<typeof trainingSettingsSchema>
