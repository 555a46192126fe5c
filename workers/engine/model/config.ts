/**
 * The shape of a decoder-only language model, whatever file it came from.
 *
 * All families here are one architecture (Llama's: RMSNorm, rotary positions,
 * grouped-query attention, SwiGLU) with a few switches, so a family is a
 * configuration and never a code path.
 */
export interface ModelConfig {
  /** `model_type` of the Hugging Face config, for messages and for GGUF's tensor layout. */
  family: ModelFamily
  vocabularySize: number
  hiddenSize: number
  intermediateSize: number
  layers: number
  heads: number
  keyValueHeads: number
  /** Features per head; need not be hiddenSize / heads (Qwen 3). */
  headDim: number
  /** Longest sequence that the model was made for, in tokens. */
  contextLength: number
  /** The epsilon of every RMSNorm. */
  normEpsilon: number
  rope: RopeConfig
  /**
   * Per layer: how many positions a token sees, itself included; null: all.
   * Length = layers.
   */
  windows: readonly (number | null)[]
  /** The head uses the embedding table. */
  tiedEmbeddings: boolean
  /** Biases of q, k and v. */
  qkvBias: boolean
  /** Bias of o. */
  outputBias: boolean
  /** Biases of gate, up and down. */
  mlpBias: boolean
  /** RMSNorm over each head's q and k before the rotation (Qwen 3). */
  qkNorm: boolean
  bosTokenId: number | null
  /** Tokens that end a text; the first is the usual one. */
  eosTokenIds: readonly number[]
  padTokenId: number | null
}

export const modelFamilies = ['llama', 'mistral', 'qwen2', 'qwen3'] as const
export type ModelFamily = (typeof modelFamilies)[number]

/** Rotary positions (Su et al. 2021) and how their frequencies are scaled. */
export interface RopeConfig {
  theta: number
  scaling: RopeScaling | null
  /**
   * Explicit factors by which frequencies are divided, [headDim / 2], as GGUF
   * files carry them in `rope_freqs.weight`; instead of `scaling`.
   */
  frequencyFactors?: Float32Array
}

export type RopeScaling =
  | { type: 'linear'; factor: number }
  | {
      type: 'llama3'
      factor: number
      lowFrequencyFactor: number
      highFrequencyFactor: number
      originalContextLength: number
    }

/** A model that Lanista cannot run, or a file that does not describe one. */
export class ModelConfigError extends Error {
  override readonly name = 'ModelConfigError'
  /** What the person can do next. */
  readonly advice: string
  constructor(message: string, advice = 'Choose a Llama, Mistral, Qwen 2 or Qwen 3 model in Hugging Face or GGUF format.') {
    super(message)
    this.advice = advice
  }
}

/**
 * Inverse rotary frequencies after scaling, [headDim / 2], in radians per position.
 * Rounded to float32 where transformers rounds: over a thousand positions the last bit is seen.
 */
export function inverseFrequencies(config: ModelConfig): Float32Array {
  const { theta, scaling, frequencyFactors } = config.rope
  const half = config.headDim / 2
  const result = new Float32Array(half)
  for (let i = 0; i < half; i++) {
    const plain = Math.fround(1 / Math.fround(theta ** Math.fround(i / half)))
    result[i] = frequencyFactors ? plain / frequencyFactors[i] : scaled(plain, scaling)
  }
  return result
}

/** Llama 3.1's rule: long waves are slowed down by `factor`, short ones stay, those between are blended. */
function scaled(frequency: number, scaling: RopeScaling | null): number {
  if (!scaling) return frequency
  if (scaling.type === 'linear') return frequency / scaling.factor
  const wavelength = (2 * Math.PI) / frequency
  const { factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalContextLength: original } = scaling
  if (wavelength < original / high) return frequency
  if (wavelength > original / low) return frequency / factor
  const blend = (original / wavelength - low) / (high - low)
  return (1 - blend) * (frequency / factor) + blend * frequency
}
