import type { ModelConfig } from './config.ts'

export const projections = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'] as const
export type Projection = (typeof projections)[number]

/** A linear layer of a decoder layer, as Hugging Face names it. */
export interface LinearLayer {
  projection: Projection
  /** e.g. `model.layers.3.self_attn.q_proj`; its tensors are `.weight` and perhaps `.bias`. */
  name: string
  layer: number
  in: number
  out: number
  bias: boolean
}

/** The tensor names of a model outside its linear layers. */
export const tensorNames = {
  embedding: 'model.embed_tokens.weight',
  finalNorm: 'model.norm.weight',
  head: 'lm_head.weight',
  inputNorm: (layer: number) => `model.layers.${layer}.input_layernorm.weight`,
  attentionNorm: (layer: number) => `model.layers.${layer}.post_attention_layernorm.weight`,
  queryNorm: (layer: number) => `model.layers.${layer}.self_attn.q_norm.weight`,
  keyNorm: (layer: number) => `model.layers.${layer}.self_attn.k_norm.weight`,
}

/** One linear layer of one decoder layer. */
export function linearLayer(config: ModelConfig, layer: number, projection: Projection): LinearLayer {
  const { hiddenSize, intermediateSize, heads, keyValueHeads, headDim } = config
  const block = projection === 'gate_proj' || projection === 'up_proj' || projection === 'down_proj' ? 'mlp' : 'self_attn'
  const sizes: Record<Projection, [number, number]> = {
    q_proj: [hiddenSize, heads * headDim],
    k_proj: [hiddenSize, keyValueHeads * headDim],
    v_proj: [hiddenSize, keyValueHeads * headDim],
    o_proj: [heads * headDim, hiddenSize],
    gate_proj: [hiddenSize, intermediateSize],
    up_proj: [hiddenSize, intermediateSize],
    down_proj: [intermediateSize, hiddenSize],
  }
  const bias = block === 'mlp' ? config.mlpBias : projection === 'o_proj' ? config.outputBias : config.qkvBias
  const [inputs, outputs] = sizes[projection]
  return { projection, name: `model.layers.${layer}.${block}.${projection}`, layer, in: inputs, out: outputs, bias }
}

/** All linear layers but the head, in the order in which a step meets them: PEFT's `all-linear`. */
export function linearLayers(config: ModelConfig): LinearLayer[] {
  return Array.from({ length: config.layers }, (_, layer) => projections.map((projection) => linearLayer(config, layer, projection))).flat()
}
