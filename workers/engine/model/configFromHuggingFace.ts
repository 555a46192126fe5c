import { z } from 'zod'
import { checkConfig } from './checkConfig.ts'
import { ModelConfigError, modelFamilies } from './config.ts'
import type { ModelConfig, ModelFamily, RopeConfig } from './config.ts'

const count = z.int().min(1).max(2 ** 24)
const ropeScaling = z.object({
  rope_type: z.string().optional(),
  type: z.string().optional(),
  rope_theta: z.number().positive().optional(),
  factor: z.number().positive().optional(),
  low_freq_factor: z.number().positive().optional(),
  high_freq_factor: z.number().positive().optional(),
  original_max_position_embeddings: count.optional(),
})
const tokenId = z.int().min(0)

const hfConfig = z.object({
  model_type: z.string(),
  vocab_size: count,
  hidden_size: count,
  intermediate_size: count,
  num_hidden_layers: z.int().min(1).max(1024),
  num_attention_heads: count,
  num_key_value_heads: count.nullish(),
  head_dim: count.nullish(),
  max_position_embeddings: count,
  rms_norm_eps: z.number().positive().default(1e-6),
  hidden_act: z.string().default('silu'),
  rope_theta: z.number().positive().nullish(),
  rope_scaling: ropeScaling.nullish(),
  rope_parameters: ropeScaling.nullish(),
  tie_word_embeddings: z.boolean().default(false),
  attention_bias: z.boolean().nullish(),
  mlp_bias: z.boolean().nullish(),
  sliding_window: count.nullish(),
  use_sliding_window: z.boolean().nullish(),
  max_window_layers: z.int().min(0).nullish(),
  layer_types: z.array(z.string()).nullish(),
  bos_token_id: tokenId.nullish(),
  eos_token_id: z.union([tokenId, z.array(tokenId)]).nullish(),
  pad_token_id: tokenId.nullish(),
})
type HfConfig = z.infer<typeof hfConfig>

/**
 * Reads a Hugging Face `config.json`, of transformers 4 (`rope_theta`,
 * `rope_scaling`) or 5 (`rope_parameters`).
 *
 * @throws {ModelConfigError} not a config, an unknown architecture, or numbers that do not fit together.
 */
export function configFromHuggingFace(json: unknown): ModelConfig {
  const parsed = hfConfig.safeParse(json)
  if (!parsed.success) throw new ModelConfigError(`config.json is not a model configuration: ${z.prettifyError(parsed.error)}`)
  const c = parsed.data
  const family = c.model_type as ModelFamily
  if (!modelFamilies.includes(family)) {
    throw new ModelConfigError(`Architecture "${c.model_type}" is not known here; known are ${modelFamilies.join(', ')}.`)
  }
  if (c.hidden_act !== 'silu') throw new ModelConfigError(`Activation "${c.hidden_act}" is not known here; known is silu.`)
  const keyValueHeads = c.num_key_value_heads ?? c.num_attention_heads
  const eos = c.eos_token_id ?? []
  const config: ModelConfig = {
    family,
    vocabularySize: c.vocab_size,
    hiddenSize: c.hidden_size,
    intermediateSize: c.intermediate_size,
    layers: c.num_hidden_layers,
    heads: c.num_attention_heads,
    keyValueHeads,
    headDim: c.head_dim ?? c.hidden_size / c.num_attention_heads,
    contextLength: c.max_position_embeddings,
    normEpsilon: c.rms_norm_eps,
    rope: rope(c),
    windows: windows(c, family),
    tiedEmbeddings: c.tie_word_embeddings,
    // Qwen 2 has biases without saying so; Llama's and Qwen 3's attention_bias covers o too.
    qkvBias: family === 'qwen2' || (c.attention_bias ?? false),
    outputBias: family !== 'qwen2' && (c.attention_bias ?? false),
    mlpBias: c.mlp_bias ?? false,
    qkNorm: family === 'qwen3',
    bosTokenId: c.bos_token_id ?? null,
    eosTokenIds: Array.isArray(eos) ? eos : [eos],
    padTokenId: c.pad_token_id ?? null,
  }
  checkConfig(config)
  return config
}

function rope(c: HfConfig): RopeConfig {
  const s = c.rope_parameters ?? c.rope_scaling
  const theta = s?.rope_theta ?? c.rope_theta ?? 10000
  const type = s?.rope_type ?? s?.type ?? 'default'
  if (!s || type === 'default') return { theta, scaling: null }
  if (type === 'linear' && s.factor) return { theta, scaling: { type, factor: s.factor } }
  if (type === 'llama3' && s.factor && s.low_freq_factor && s.high_freq_factor && s.original_max_position_embeddings) {
    return {
      theta,
      scaling: {
        type,
        factor: s.factor,
        lowFrequencyFactor: s.low_freq_factor,
        highFrequencyFactor: s.high_freq_factor,
        originalContextLength: s.original_max_position_embeddings,
      },
    }
  }
  throw new ModelConfigError(`RoPE scaling ${JSON.stringify(s)} is not known here or lacks a number; known are linear and llama3.`)
}

function windows(c: HfConfig, family: ModelFamily): (number | null)[] {
  const layers = Array.from({ length: c.num_hidden_layers }, (_, i) => i)
  const size = c.sliding_window ?? null
  if (size === null || family === 'llama') return layers.map(() => null)
  if (c.layer_types) {
    if (c.layer_types.length !== layers.length) {
      throw new ModelConfigError(`layer_types names ${c.layer_types.length} layers of ${layers.length}.`)
    }
    return c.layer_types.map((type) => (type === 'sliding_attention' ? size : null))
  }
  if (family === 'mistral') return layers.map(() => size)
  return layers.map((i) => (c.use_sliding_window && i >= (c.max_window_layers ?? 28) ? size : null))
}
