import { z } from 'zod'

/** LoRA hyper-parameters, named and meant as in PEFT's `LoraConfig`. */
export const loraSettingsSchema = z.object({
  rank: z.int().min(1).max(512),
  alpha: z.number().positive(),
  dropout: z.number().min(0).max(0.9).default(0),
  /** Names of linear layers (`q_proj`, …) or `all-linear`. */
  targetModules: z.union([z.literal('all-linear'), z.array(z.string()).min(1)]),
  /** Scale by alpha/sqrt(rank) instead of alpha/rank (Kalajdzievski 2023). */
  rsLora: z.boolean().default(false),
})

export type LoraSettings = z.infer<typeof loraSettingsSchema>
