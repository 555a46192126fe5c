import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { z } from 'zod'
import type { ModelConfig } from '../../workers/engine/model/config.ts'
import type { RecordedRun } from '../parity/recordedRun.ts'

const reportSchema = z.object({ torch: z.string(), transformers: z.string(), peft: z.string(), milliseconds: z.array(z.number()) })
export type PytorchSteps = z.infer<typeof reportSchema>

/** The same steps in PyTorch float32 on the processor; a sentence where it cannot be had. */
export function pytorchSteps(config: ModelConfig, lora: RecordedRun['lora'], batches: RecordedRun['batches'], threads: number): PytorchSteps | string {
  const python = process.env.LANISTA_PYTHON ?? 'python3'
  const probe = spawnSync(python, ['-c', 'import torch, transformers, peft'], { encoding: 'utf8' })
  if (probe.status !== 0) return `PyTorch is not here to compare with: ${python} cannot import torch, transformers and peft. Name a Python that can in LANISTA_PYTHON.`
  const request = {
    config: {
      vocab_size: config.vocabularySize, hidden_size: config.hiddenSize, intermediate_size: config.intermediateSize,
      num_hidden_layers: config.layers, num_attention_heads: config.heads, num_key_value_heads: config.keyValueHeads,
      head_dim: config.headDim, tie_word_embeddings: config.tiedEmbeddings, rms_norm_eps: config.normEpsilon,
    },
    lora, batches, threads,
  }
  const run = spawnSync(python, [join(import.meta.dirname, 'fallback.py')], { input: JSON.stringify(request), encoding: 'utf8' })
  if (run.status !== 0) return `PyTorch failed: ${run.stderr?.trim().split('\n').at(-1)}`
  return reportSchema.parse(JSON.parse(run.stdout))
}
