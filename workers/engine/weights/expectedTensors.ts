import type { ModelConfig } from '../model/config.ts'
import { valueCount } from './packedTensor.ts'
import { WeightsError } from './source.ts'
import type { NamedTensors } from './namedTensors.ts'

/** Name and shape of every tensor that a model of this configuration needs, under Hugging Face's names. */
export function expectedTensors(config: ModelConfig): Map<string, readonly number[]> {
  const { hiddenSize, intermediateSize, vocabularySize, headDim } = config
  const query = config.heads * headDim
  const keyValue = config.keyValueHeads * headDim
  const tensors = new Map<string, readonly number[]>([['model.embed_tokens.weight', [vocabularySize, hiddenSize]]])
  for (let i = 0; i < config.layers; i++) {
    const layer = `model.layers.${i}.`
    const linear = (name: string, out: number, inputs: number, bias: boolean): void => {
      tensors.set(`${layer}${name}.weight`, [out, inputs])
      if (bias) tensors.set(`${layer}${name}.bias`, [out])
    }
    tensors.set(`${layer}input_layernorm.weight`, [hiddenSize])
    linear('self_attn.q_proj', query, hiddenSize, config.qkvBias)
    linear('self_attn.k_proj', keyValue, hiddenSize, config.qkvBias)
    linear('self_attn.v_proj', keyValue, hiddenSize, config.qkvBias)
    linear('self_attn.o_proj', hiddenSize, query, config.outputBias)
    if (config.qkNorm) {
      tensors.set(`${layer}self_attn.q_norm.weight`, [headDim])
      tensors.set(`${layer}self_attn.k_norm.weight`, [headDim])
    }
    tensors.set(`${layer}post_attention_layernorm.weight`, [hiddenSize])
    linear('mlp.gate_proj', intermediateSize, hiddenSize, config.mlpBias)
    linear('mlp.up_proj', intermediateSize, hiddenSize, config.mlpBias)
    linear('mlp.down_proj', hiddenSize, intermediateSize, config.mlpBias)
  }
  tensors.set('model.norm.weight', [hiddenSize])
  if (!config.tiedEmbeddings) tensors.set('lm_head.weight', [vocabularySize, hiddenSize])
  return tensors
}

/** Parameters of a model; a tied head counts once. */
export function parameterCount(config: ModelConfig): number {
  let sum = 0
  for (const shape of expectedTensors(config).values()) sum += valueCount(shape)
  return sum
}

/**
 * Holds a model's files against its configuration, before any tensor is read.
 * Tensors that the model does not need are no fault.
 *
 * @param parameterLimit parameters above which a model is refused.
 * @throws {WeightsError} missing or misshapen tensors, or too many parameters.
 */
export function checkTensors(config: ModelConfig, tensors: NamedTensors, parameterLimit = Infinity): void {
  const parameters = parameterCount(config)
  if (parameters > parameterLimit) {
    throw new WeightsError(`The model has ${parameters} parameters, ${parameterLimit} are allowed.`, 'Choose a smaller model.')
  }
  for (const [name, shape] of expectedTensors(config)) {
    const entry = tensors.entries.get(name)
    if (!entry) throw new WeightsError(`Tensor ${name} is missing.`)
    if (entry.shape.length !== shape.length || entry.shape.some((n, i) => n !== shape[i])) {
      throw new WeightsError(`Tensor ${name} has shape [${entry.shape.join(', ')}], the configuration needs [${shape.join(', ')}].`)
    }
  }
}
