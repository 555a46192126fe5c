import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { z } from 'zod'
import type { ModelConfig } from '../../workers/engine/model/config.ts'
import type { RecordedRun } from '../parity/recordedRun.ts'

const versionsSchema = z.object({ torch: z.string(), transformers: z.string(), peft: z.string() })

/** Training steps in PyTorch float32 on the processor, one when asked for one. */
export class PytorchSteps {
  readonly versions: string
  private readonly process: ChildProcessByStdio<Writable, Readable, null>
  private readonly lines: AsyncIterator<string>

  /** @returns a sentence where PyTorch cannot be had. */
  static async open(config: ModelConfig, lora: RecordedRun['lora'], threads: number): Promise<PytorchSteps | string> {
    const python = process.env.LANISTA_PYTHON ?? 'python3'
    const probe = spawnSync(python, ['-c', 'import torch, transformers, peft'])
    if (probe.status !== 0) return `PyTorch is not here to compare with: ${python} cannot import torch, transformers and peft. Name a Python that can in LANISTA_PYTHON.`
    const child = spawn(python, [join(import.meta.dirname, 'fallback.py')], { stdio: ['pipe', 'pipe', 'inherit'] })
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const shape = {
      vocab_size: config.vocabularySize, hidden_size: config.hiddenSize, intermediate_size: config.intermediateSize,
      num_hidden_layers: config.layers, num_attention_heads: config.heads, num_key_value_heads: config.keyValueHeads,
      head_dim: config.headDim, tie_word_embeddings: config.tiedEmbeddings, rms_norm_eps: config.normEpsilon,
    }
    child.stdin.write(`${JSON.stringify({ config: shape, lora, threads })}\n`)
    const { value, done } = await lines.next()
    if (done) return 'PyTorch failed; what it said is above.'
    const { torch, transformers, peft } = versionsSchema.parse(JSON.parse(value))
    return new PytorchSteps(child, lines, `PyTorch ${torch}, transformers ${transformers}, PEFT ${peft}, ${threads} threads`)
  }

  private constructor(child: PytorchSteps['process'], lines: AsyncIterator<string>, versions: string) {
    this.process = child
    this.lines = lines
    this.versions = versions
  }

  /** @returns milliseconds. */
  async step(batch: RecordedRun['batches'][number]): Promise<number> {
    this.process.stdin.write(`${JSON.stringify(batch)}\n`)
    const { value, done } = await this.lines.next()
    if (done) throw new Error('PyTorch ended before its time.')
    return z.number().parse(JSON.parse(value as string))
  }

  close(): void {
    this.process.stdin.end()
  }
}
