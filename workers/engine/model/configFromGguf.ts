import type { GgufHeader } from '../weights/gguf/header.ts'
import type { GgufValue } from '../weights/gguf/reader.ts'
import { ModelConfigError } from './config.ts'
import type { ModelConfig, ModelFamily, RopeConfig } from './config.ts'
import { checkConfig } from './checkConfig.ts'

/** GGUF architectures that are known here; Mistral's files say `llama`. */
const families: Readonly<Record<string, ModelFamily | undefined>> = { llama: 'llama', mistral: 'mistral', qwen2: 'qwen2', qwen3: 'qwen3' }

/**
 * Reads a model's configuration from GGUF metadata, and from which tensors
 * there are (biases, norms of q and k, an own head).
 *
 * @param frequencyFactors values of `rope_freqs.weight`, where the file has it (Llama 3's scaling).
 * @throws {ModelConfigError}
 */
export function configFromGguf({ metadata, tensors }: GgufHeader, frequencyFactors?: Float32Array): ModelConfig {
  const architecture = String(metadata.get('general.architecture'))
  const family = Object.hasOwn(families, architecture) ? families[architecture] : undefined
  if (!family) throw new ModelConfigError(`Architecture "${architecture}" is not known here; known are ${Object.keys(families).join(', ')}.`)
  const value = (key: string): GgufValue | undefined => metadata.get(`${architecture}.${key}`)
  const optional = (key: string): number | null => {
    const found = value(key)
    if (found === undefined) return null
    const number = Array.isArray(found) && found.every((item) => item === found[0]) ? found[0] : found
    if (typeof number !== 'number' || !Number.isFinite(number)) throw new ModelConfigError(`${architecture}.${key} is ${JSON.stringify(found)}; one number is known here.`)
    return number
  }
  const count = (key: string): number => {
    const number = optional(key)
    if (number === null || !Number.isInteger(number) || number < 1 || number > 2 ** 24) throw new ModelConfigError(`${architecture}.${key} is ${number ?? 'missing'}; a whole number is needed.`)
    return number
  }
  if (optional('expert_count')) throw new ModelConfigError('Mixtures of experts are not known here.')
  const embedding = tensors.get('token_embd.weight')
  if (embedding?.shape.length !== 2) throw new ModelConfigError('The file has no token_embd.weight.')
  const hiddenSize = count('embedding_length')
  const heads = count('attention.head_count')
  const layers = count('block_count')
  const window = optional('attention.sliding_window')
  const headDim = optional('attention.key_length') ?? hiddenSize / heads
  const rotated = optional('rope.dimension_count') ?? headDim
  if (rotated !== headDim) throw new ModelConfigError(`Only ${rotated} of ${headDim} features of a head are rotated; that is not known here.`)
  const eos = [metadata.get('tokenizer.ggml.eos_token_id'), metadata.get('tokenizer.ggml.eot_token_id')].filter(isNumber)
  const config: ModelConfig = {
    family,
    vocabularySize: embedding.shape[0],
    hiddenSize,
    intermediateSize: count('feed_forward_length'),
    layers,
    heads,
    keyValueHeads: optional('attention.head_count_kv') ?? heads,
    headDim,
    contextLength: count('context_length'),
    normEpsilon: optional('attention.layer_norm_rms_epsilon') ?? 1e-6,
    rope: rope(optional('rope.freq_base') ?? 10000, value('rope.scaling.type'), optional('rope.scaling.factor'), frequencyFactors),
    windows: Array.from({ length: layers }, () => window || null),
    tiedEmbeddings: !tensors.has('output.weight'),
    qkvBias: tensors.has('blk.0.attn_q.bias'),
    outputBias: tensors.has('blk.0.attn_output.bias'),
    mlpBias: tensors.has('blk.0.ffn_gate.bias'),
    qkNorm: tensors.has('blk.0.attn_q_norm.weight'),
    bosTokenId: numberOrNull(metadata.get('tokenizer.ggml.bos_token_id')),
    eosTokenIds: [...new Set(eos)],
    padTokenId: numberOrNull(metadata.get('tokenizer.ggml.padding_token_id')),
  }
  checkConfig(config)
  return config
}

function rope(theta: number, type: GgufValue | undefined, factor: number | null, frequencyFactors?: Float32Array): RopeConfig {
  if (frequencyFactors) return { theta, scaling: null, frequencyFactors }
  if (type === undefined || type === 'none') return { theta, scaling: null }
  if (type === 'linear' && factor) return { theta, scaling: { type, factor } }
  throw new ModelConfigError(`RoPE scaling ${JSON.stringify(type)} is not known here; known are linear and Llama 3's factors.`)
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number'
}

function numberOrNull(value: unknown): number | null {
  return isNumber(value) ? value : null
}
