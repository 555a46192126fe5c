import { gradientPrefix, backwardLayer, backwardNorm } from '../model/backward.ts'
import type { DecoderContext, PlannedAdapter, WeightFormats } from '../model/decoderContext.ts'
import type { ModelConfig } from '../model/config.ts'
import { embedTokens, finalNorm, forwardLayer, headWeight } from '../model/forward.ts'
import type { AttentionMode, LayerActivations } from '../model/forward.ts'
import { tensorNames } from '../model/linearLayers.ts'
import { flatBuffers } from '../lora/layout.ts'
import { PlanBuilder } from './builder.ts'
import { headPieces } from './headPieces.ts'
import type { Plan } from './plan.ts'

export interface BatchShape {
  /** Sequences. */
  rows: number
  /** Tokens of each. */
  length: number
  /**
   * Tokens whose prediction is wanted. When fewer than rows·length, their
   * hidden states are gathered before the head (input `slots`).
   */
  targets: number
}

export interface TrainingPlanOptions {
  config: ModelConfig
  adapter: PlannedAdapter
  formats: WeightFormats
  batch: BatchShape
  /** Keep only each layer's input and compute its activations again in the backward pass. */
  gradientCheckpointing: boolean
}

/**
 * One micro-batch: forward, backward, gradients and loss added to what is there.
 *
 * Inputs: ids, segments, positions int32 [T]; targets int32 [n] (-1: none);
 * weight [1] (1 / targets of the whole optimiser step); with n < T also slots
 * int32 [n] (token of each target, -1: none) and tokenSlots int32 [T] (its
 * inverse); with dropout also keys. Output: nll [n]. State: `<adapter>.loss` [1].
 */
export function planTraining({ config, adapter, formats, batch, gradientCheckpointing }: TrainingPlanOptions): Plan {
  const builder = new PlanBuilder()
  const context: DecoderContext = { builder, config, adapter, formats, rows: batch.rows, length: batch.length }
  const tokens = batch.rows * batch.length
  const segments = builder.buffer('input', 'segments', [tokens], 'int32')
  const mode: AttentionMode = { kind: 'batch', segments }
  for (const prefix of [adapter.id, gradientPrefix(adapter.id)]) {
    const { a, b } = flatBuffers(adapter.layout, prefix, prefix === adapter.id ? 'adapter' : 'gradient')
    builder.declare(a)
    builder.declare(b)
  }
  let x = embedTokens(context)
  const saved: LayerActivations[] = []
  for (let layer = 0; layer < config.layers; layer++) {
    builder.scope = `layers.${layer}.`
    saved.push(forwardLayer(context, layer, x, mode))
    x = saved[layer].output
  }
  builder.scope = 'head.'
  let dx = headBackward(context, x, batch, adapter.id)
  const lowest = Math.min(...adapter.layout.modules.map((module) => module.layer))
  for (let layer = config.layers - 1; layer >= lowest; layer--) {
    if (gradientCheckpointing) {
      builder.scope = `layers.${layer}.again.`
      saved[layer] = forwardLayer(context, layer, saved[layer].input, mode, true)
    }
    builder.scope = `layers.${layer}.backward.`
    const down = backwardLayer(context, layer, saved[layer], segments, dx, layer > lowest)
    if (down) dx = down
  }
  return builder.build(`training ${batch.rows}x${batch.length}, ${batch.targets} targets${gradientCheckpointing ? ', checkpointed' : ''}`)
}

/** Final norm, head, loss, and back to the gradient of the last layer's output. */
function headBackward(context: DecoderContext, x: string, batch: BatchShape, adapterId: string): string {
  const { builder, config } = context
  const tokens = batch.rows * batch.length
  const { y, rstd } = finalNorm(context, x)
  const targets = builder.buffer('input', 'targets', [batch.targets], 'int32')
  const weight = builder.buffer('input', 'weight', [1])
  const loss = builder.buffer('state', lossBuffer(adapterId), [1])
  const nll = builder.buffer('output', 'nll', [batch.targets])
  const picked = gatherTargets(context, y, batch)
  const dPicked = builder.activation('dPicked', [batch.targets, config.hiddenSize])
  const pieces = headPieces(config.vocabularySize, batch.targets)
  builder.node('headLoss', { x: picked, w: headWeight(context), targets, weight, lossIn: loss }, { nll, dx: dPicked, loss }, { pieces })
  let dy = dPicked
  if (batch.targets < tokens) {
    const rows = builder.buffer('input', 'tokenSlots', [tokens], 'int32')
    dy = builder.activation('dFinalNorm', [tokens, config.hiddenSize])
    builder.node('gatherRows', { x: dPicked, rows }, { y: dy }, {})
  }
  return backwardNorm(context, dy, x, rstd, tensorNames.finalNorm, 'dx')
}

/** The rows of y [T, hidden] whose predictions are wanted: y itself when all are. */
export function gatherTargets(context: DecoderContext, y: string, batch: BatchShape): string {
  const { builder, config } = context
  if (batch.targets === batch.rows * batch.length) return y
  const rows = builder.buffer('input', 'slots', [batch.targets], 'int32')
  const picked = builder.activation('picked', [batch.targets, config.hiddenSize])
  builder.node('gatherRows', { x: y, rows }, { y: picked }, {})
  return picked
}

/** The accumulated loss of an adapter's step. */
export function lossBuffer(adapterId: string): string {
  return `${adapterId}.loss`
}
