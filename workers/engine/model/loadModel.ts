import type { Executor } from '../plan/execute/executor.ts'
import type { OpenModel, StreamOptions } from '../weights/openModel.ts'
import type { WeightFormat } from '../weights/packedTensor.ts'
import { inverseFrequencies } from './config.ts'
import type { ModelConfig } from './config.ts'
import type { WeightFormats } from './decoderContext.ts'

/** A base model whose tensors are on a device. */
export interface LoadedModel {
  id: string
  config: ModelConfig
  /** A tied head counted once. */
  parameters: number
  formats: WeightFormats
  executor: Executor
}

/**
 * Streams a model's tensors to the device, one after the other.
 *
 * @throws {WeightsError}
 */
export async function loadModel(model: Pick<OpenModel, 'id' | 'config' | 'parameters' | 'stream'>, executor: Executor, options: StreamOptions = {}): Promise<LoadedModel> {
  const formats = new Map<string, WeightFormat>()
  executor.expectWeights(model.parameters)
  for await (const [name, tensor] of model.stream(options)) {
    executor.placeWeight(name, tensor)
    formats.set(name, tensor.format)
  }
  const frequencies = inverseFrequencies(model.config)
  executor.allocate([{ name: 'rope.frequencies', shape: [frequencies.length], dtype: 'float32', role: 'constant' }])
  executor.write('rope.frequencies', frequencies)
  return { id: model.id, config: model.config, parameters: model.parameters, formats: (name) => formats.get(name) ?? 'f32', executor }
}
