import type { PackedTensor, RowRange, WeightFormat } from './packedTensor.ts'

/**
 * The tensors of a model, under Hugging Face's names (`model.layers.0.…`) and
 * with Hugging Face's row order, whatever file they lie in. Nothing is read
 * before it is asked for.
 */
export interface NamedTensors {
  /** In the order in which reading is quickest (as they lie in the files). */
  readonly entries: ReadonlyMap<string, TensorEntry>
  /**
   * A tensor, or some of its rows: of query and key weights whole heads.
   *
   * @throws {WeightsError}
   */
  read(name: string, signal?: AbortSignal, rows?: RowRange): Promise<PackedTensor>
}

/** Where a tensor's rows lie in its file, and their shape. */
export function placeOfRows({ shape, offset, length }: { shape: readonly number[]; offset: number; length: number }, rows?: RowRange): { shape: readonly number[]; offset: number; length: number } {
  if (!rows) return { shape, offset, length }
  const row = length / shape[0]
  return { shape: [rows.count, ...shape.slice(1)], offset: offset + rows.first * row, length: rows.count * row }
}

export interface TensorEntry {
  format: WeightFormat
  shape: readonly number[]
  /** In the file. */
  bytes: number
}
