import type { PackedTensor, WeightFormat } from './packedTensor.ts'

/**
 * The tensors of a model, under Hugging Face's names (`model.layers.0.…`) and
 * with Hugging Face's row order, whatever file they lie in. Nothing is read
 * before it is asked for.
 */
export interface NamedTensors {
  /** In the order in which reading is quickest (as they lie in the files). */
  readonly entries: ReadonlyMap<string, TensorEntry>
  /** @throws {WeightsError} */
  read(name: string, signal?: AbortSignal): Promise<PackedTensor>
}

export interface TensorEntry {
  format: WeightFormat
  shape: readonly number[]
  /** In the file. */
  bytes: number
}
