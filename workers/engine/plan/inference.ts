import { flatBuffers } from '../lora/layout.ts'
import type { ModelConfig } from '../model/config.ts'
import type { DecoderContext, PlannedAdapter, WeightFormats } from '../model/decoderContext.ts'
import { embedTokens, finalNorm, forwardLayer, headWeight } from '../model/forward.ts'
import type { AttentionMode } from '../model/forward.ts'
import { PlanBuilder } from './builder.ts'
import { headPieces } from './headPieces.ts'
import type { Plan } from './plan.ts'
import { gatherTargets } from './training.ts'
import type { BatchShape } from './training.ts'

export interface InferencePlanOptions {
  config: ModelConfig
  /** Null: the base alone. */
  adapter: PlannedAdapter | null
  formats: WeightFormats
  batch: BatchShape
}

/**
 * Per-token negative log-likelihoods, no backward pass.
 * Inputs as in `planTraining`, without weight. Output: nll [targets], in nats.
 */
export function planScoring(options: InferencePlanOptions): Plan {
  const { context, hidden } = decode(options)
  const { builder, config } = context
  const { targets: wanted, rows, length } = options.batch
  const targets = builder.buffer('input', 'targets', [wanted], 'int32')
  const nll = builder.buffer('output', 'nll', [wanted])
  const pieces = headPieces(config.vocabularySize, wanted)
  builder.node('headLoss', { x: hidden, w: headWeight(context), targets }, { nll }, { pieces })
  return builder.build(`scoring ${rows}x${length}, ${wanted} targets`)
}

/** The logits of the `batch.targets` tokens named in the input `slots`. Output: logits [targets, vocabulary]. */
export function planLogits(options: InferencePlanOptions): Plan {
  const { context, hidden } = decode(options)
  const { targets, rows, length } = options.batch
  addLogits(context, hidden, targets)
  return context.builder.build(`logits of ${targets} of ${rows}x${length}`)
}

export interface GenerationPlanOptions extends Omit<InferencePlanOptions, 'batch'> {
  /** New tokens per run: the prompt's piece, or 1. */
  length: number
  /** Positions that the cache holds. */
  capacity: number
}

/**
 * New tokens after those in the cache. Inputs: ids, positions int32 [length]
 * (unused places at the end repeat nothing: give them positions of their own,
 * they are overwritten later), slots int32 [1] (whose logits are wanted).
 * Output: logits [1, vocabulary]. Caches: `cache.k.<layer>`, `cache.v.<layer>`.
 */
export function planGeneration({ length, capacity, ...options }: GenerationPlanOptions): Plan {
  const batch = { rows: 1, length, targets: 1 }
  const { context, hidden } = decode({ ...options, batch }, { kind: 'cache', capacity })
  addLogits(context, hidden, 1)
  return context.builder.build(`generation of ${length}, cache of ${capacity}`)
}

function decode({ config, adapter, formats, batch }: InferencePlanOptions, cache?: AttentionMode): { context: DecoderContext; hidden: string } {
  const builder = new PlanBuilder()
  const context: DecoderContext = { builder, config, adapter, formats, rows: batch.rows, length: batch.length }
  const mode = cache ?? { kind: 'batch', segments: builder.buffer('input', 'segments', [batch.rows * batch.length], 'int32') }
  if (adapter) for (const flat of Object.values(flatBuffers(adapter.layout, adapter.id, 'adapter'))) builder.declare(flat)
  let x = embedTokens(context)
  for (let layer = 0; layer < config.layers; layer++) {
    builder.scope = `layers.${layer}.`
    x = forwardLayer(context, layer, x, mode).output
  }
  builder.scope = 'head.'
  return { context, hidden: gatherTargets(context, finalNorm(context, x).y, batch) }
}

function addLogits(context: DecoderContext, hidden: string, rows: number): void {
  const { builder, config } = context
  const logits = builder.buffer('output', 'logits', [rows, config.vocabularySize])
  builder.node('linear', { x: hidden, w: headWeight(context) }, { y: logits }, { scale: 0, dropout: 0, keyRow: 0 })
}
