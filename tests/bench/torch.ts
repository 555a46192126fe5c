import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { z } from 'zod'
import type { ModelConfig } from '../../workers/engine/model/config.ts'

const reportSchema = z.object({ version: z.string(), device: z.string(), float32: z.number(), bfloat16: z.number() })

/** Milliseconds of a LoRA step in PyTorch, in float32 and with bfloat16 autocast, base unpacked. */
export type TorchTimes = z.infer<typeof reportSchema>

export interface TorchOptions {
  tokens: number
  rank: number
  checkpointing: boolean
  steps: number
  /** `cuda`, or `cpu` to try the script out. */
  device: string
}

const python = process.env.LANISTA_PYTHON ?? 'python3'

/** The same step in PyTorch on the same machine; a sentence where it cannot be had. */
export function torchStep({ hiddenSize, intermediateSize, layers, heads, keyValueHeads, vocabularySize }: ModelConfig, options: TorchOptions): TorchTimes | string {
  const probe = spawnSync(python, ['-c', 'import torch; print(torch.cuda.is_available())'], { encoding: 'utf8' })
  if (probe.status !== 0) return `no PyTorch to compare with (${python}; set LANISTA_PYTHON)`
  if (options.device === 'cuda' && probe.stdout.trim() !== 'True') return 'PyTorch is here, but sees no CUDA device'
  const shape = { hidden: hiddenSize, intermediate: intermediateSize, layers, heads, keyValueHeads, vocabulary: vocabularySize }
  const run = spawnSync(python, [join(import.meta.dirname, 'torchStep.py'), JSON.stringify({ ...shape, ...options })], { encoding: 'utf8' })
  if (run.status !== 0) return `PyTorch failed: ${run.stderr.trim().split('\n').at(-1)}`
  return reportSchema.parse(JSON.parse(run.stdout))
}
