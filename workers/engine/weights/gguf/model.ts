import { configFromGguf } from '../../model/configFromGguf.ts'
import type { ModelConfig } from '../../model/config.ts'
import { unpack } from '../formats/index.ts'
import { placeOfRows } from '../namedTensors.ts'
import type { NamedTensors, TensorEntry } from '../namedTensors.ts'
import type { PackedTensor, RowRange } from '../packedTensor.ts'
import { WeightsError } from '../source.ts'
import type { ByteSource } from '../source.ts'
import { readGgufHeader } from './header.ts'
import type { GgufHeader } from './header.ts'
import { huggingFaceName } from './names.ts'
import { restoreRowOrder } from './rowOrder.ts'

export interface GgufModel {
  header: GgufHeader
  config: ModelConfig
  tensors: NamedTensors
}

/**
 * A model in one GGUF file, its tensors under Hugging Face's names and in
 * Hugging Face's row order.
 *
 * @throws {WeightsError | ModelConfigError}
 */
export async function ggufModel(source: ByteSource, signal?: AbortSignal): Promise<GgufModel> {
  const header = await readGgufHeader(source, signal)
  const read = async (name: string, signal?: AbortSignal, rows?: RowRange): Promise<PackedTensor> => {
    const tensor = header.tensors.get(name)!
    const { format } = tensor
    const { shape, offset, length } = placeOfRows(tensor, rows)
    return { format, shape, bytes: await source.read(offset, length, signal) }
  }
  const factors = header.tensors.has('rope_freqs.weight') ? unpack(await read('rope_freqs.weight', signal)) : undefined
  const config = configFromGguf(header, factors)
  const names = new Map<string, string>()
  const entries = new Map<string, TensorEntry>()
  for (const [name, { format, shape, length }] of [...header.tensors].sort(([, a], [, b]) => a.offset - b.offset)) {
    const known = huggingFaceName(name)
    if (!known) continue
    names.set(known, name)
    entries.set(known, { format, shape, bytes: length })
  }
  return {
    header,
    config,
    tensors: {
      entries,
      async read(name, signal, rows) {
        const own = names.get(name)
        if (!own) throw new WeightsError(`Tensor ${name} is missing.`)
        return restoreRowOrder(name, await read(own, signal, rows), header, config)
      },
    },
  }
}
