import type { ModelConfig } from '../../workers/engine/model/config.ts'

type Shape = Pick<ModelConfig, 'vocabularySize' | 'hiddenSize' | 'intermediateSize' | 'layers' | 'heads' | 'keyValueHeads' | 'tiedEmbeddings'>

function llama(shape: Shape): ModelConfig {
  return {
    ...shape, family: 'llama', headDim: shape.hiddenSize / shape.heads, contextLength: 4096, normEpsilon: 1e-5,
    rope: { theta: 10000, scaling: null }, windows: new Array<null>(shape.layers).fill(null),
    qkvBias: false, outputBias: false, mlpBias: false, qkNorm: false, bosTokenId: 1, eosTokenIds: [2], padTokenId: null,
  }
}

const qwen = (shape: Shape): ModelConfig => ({ ...llama(shape), family: 'qwen2', qkvBias: true, normEpsilon: 1e-6, rope: { theta: 1e6, scaling: null } })

/** True shapes of the models that the figures are about; weights are made up. */
export const shapes = {
  /** Nothing anybody trains: for what is counted over many steps. */
  'tiny': llama({ vocabularySize: 64, hiddenSize: 32, intermediateSize: 64, layers: 2, heads: 2, keyValueHeads: 1, tiedEmbeddings: true }),
  'stories260K': llama({ vocabularySize: 512, hiddenSize: 64, intermediateSize: 172, layers: 5, heads: 8, keyValueHeads: 4, tiedEmbeddings: true }),
  'stories15M': llama({ vocabularySize: 32000, hiddenSize: 288, intermediateSize: 768, layers: 6, heads: 6, keyValueHeads: 6, tiedEmbeddings: true }),
  'smollm2-135m': llama({ vocabularySize: 49152, hiddenSize: 576, intermediateSize: 1536, layers: 30, heads: 9, keyValueHeads: 3, tiedEmbeddings: true }),
  'qwen2.5-0.5b': qwen({ vocabularySize: 151936, hiddenSize: 896, intermediateSize: 4864, layers: 24, heads: 14, keyValueHeads: 2, tiedEmbeddings: true }),
  'qwen2.5-1.5b': qwen({ vocabularySize: 151936, hiddenSize: 1536, intermediateSize: 8960, layers: 28, heads: 12, keyValueHeads: 2, tiedEmbeddings: true }),
  'qwen2.5-7b': qwen({ vocabularySize: 152064, hiddenSize: 3584, intermediateSize: 18944, layers: 28, heads: 28, keyValueHeads: 4, tiedEmbeddings: false }),
} as const satisfies Record<string, ModelConfig>

export type ShapeName = keyof typeof shapes
