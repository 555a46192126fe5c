import type { LoraLayout, LoraModule } from '../lora/layout.ts'
import { viewsOf } from '../lora/layout.ts'
import type { PlanBuilder } from '../plan/builder.ts'
import type { WeightFormat } from '../weights/packedTensor.ts'
import type { ModelConfig } from './config.ts'
import { linearLayer } from './linearLayers.ts'
import type { LinearLayer, Projection } from './linearLayers.ts'

/** An adapter as plans see it. */
export interface PlannedAdapter {
  /** Prefix of its resident buffers, e.g. `train` for `train.a` and `train.b`. */
  id: string
  layout: LoraLayout
  /** Dropout on the way into A; 0 outside training. */
  dropout: number
}

/** How the base's tensors are packed, by name. */
export type WeightFormats = (name: string) => WeightFormat

/** What every part of a decoder's plan needs to know. */
export interface DecoderContext {
  builder: PlanBuilder
  config: ModelConfig
  adapter: PlannedAdapter | null
  formats: WeightFormats
  /** Sequences and tokens of each; T = rows·length. */
  rows: number
  length: number
}

/** Declares a frozen tensor. */
export function weight({ builder, formats }: DecoderContext, name: string, shape: number[]): string {
  return builder.declare({ name, shape, dtype: 'float32', role: 'weight', format: formats(name) })
}

/** The rotary frequencies, [headDim / 2]: a constant made from the configuration. */
export function frequencies({ builder, config }: DecoderContext): string {
  return builder.buffer('constant', 'rope.frequencies', [config.headDim / 2])
}

/** A linear layer with everything that is bound to it. */
export interface BoundLinear {
  layer: LinearLayer
  w: string
  bias?: string
  lora?: { module: LoraModule; a: string; b: string; keys?: string }
}

export function bindLinear(context: DecoderContext, layerIndex: number, projection: Projection): BoundLinear {
  const { builder, config, adapter } = context
  const layer = linearLayer(config, layerIndex, projection)
  const bound: BoundLinear = { layer, w: weight(context, `${layer.name}.weight`, [layer.out, layer.in]) }
  if (layer.bias) bound.bias = weight(context, `${layer.name}.bias`, [layer.out])
  const module = adapter?.layout.byName.get(layer.name)
  if (adapter && module) {
    const views = viewsOf(module, adapter.id, 'adapter')
    bound.lora = { module, a: builder.declare(views.a), b: builder.declare(views.b) }
    if (adapter.dropout) bound.lora.keys = builder.buffer('input', 'keys', [adapter.layout.modules.length, 8], 'int32')
  }
  return bound
}

/** The attributes of `linear` and `linearBackward` for a layer. */
export function linearAttributes({ adapter }: DecoderContext, { lora }: BoundLinear) {
  return { scale: lora?.module.scale ?? 0, dropout: lora ? (adapter?.dropout ?? 0) : 0, keyRow: lora?.module.index ?? 0 }
}

/** The layers' attention attributes. */
export function attentionAttributes({ config, rows }: DecoderContext, layer: number) {
  const { heads, keyValueHeads, headDim } = config
  return { rows, heads, keyValueHeads, headDim, window: config.windows[layer] ?? 0, scale: headDim ** -0.5 }
}
