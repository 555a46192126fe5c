import { z } from 'zod'
import { placeOfRows } from './namedTensors.ts'
import type { NamedTensors, TensorEntry } from './namedTensors.ts'
import type { WeightFormat } from './packedTensor.ts'
import { readSafetensorsHeader } from './safetensors.ts'
import type { SafetensorsDtype, SafetensorsEntry } from './safetensors.ts'
import { WeightsError } from './source.ts'
import type { ByteSource } from './source.ts'

const formats: Partial<Record<SafetensorsDtype, WeightFormat>> = { F32: 'f32', F16: 'f16', BF16: 'bf16' }

/**
 * The tensors of one or several safetensors files.
 *
 * @throws {WeightsError} a bad header, a name in two files, or a type that holds no weights.
 */
export async function safetensorsModel(sources: readonly ByteSource[], signal?: AbortSignal): Promise<NamedTensors> {
  const places = new Map<string, { source: ByteSource; entry: SafetensorsEntry }>()
  const entries = new Map<string, TensorEntry>()
  for (const source of sources) {
    const { tensors } = await readSafetensorsHeader(source, undefined, signal)
    for (const [name, entry] of [...tensors].sort(([, a], [, b]) => a.offset - b.offset)) {
      const format = formats[entry.dtype]
      // Buffers that some files carry along (masks, position ids) are not the model's.
      if (!format && !name.endsWith('.weight') && !name.endsWith('.bias')) continue
      if (!format) throw new WeightsError(`${source.name}: tensor ${name} has type ${entry.dtype}; F32, F16 and BF16 are known here.`)
      if (places.has(name)) throw new WeightsError(`Tensor ${name} is in ${places.get(name)!.source.name} and in ${source.name}.`)
      places.set(name, { source, entry })
      entries.set(name, { format, shape: entry.shape, bytes: entry.length })
    }
  }
  return {
    entries,
    async read(name, signal, rows) {
      const place = places.get(name)
      const entry = entries.get(name)
      if (!place || !entry) throw new WeightsError(`Tensor ${name} is missing.`)
      const { shape, offset, length } = placeOfRows(place.entry, rows)
      return { format: entry.format, shape, bytes: await place.source.read(offset, length, signal) }
    },
  }
}

const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) })

/**
 * The files that a `model.safetensors.index.json` names, each once.
 *
 * @throws {WeightsError}
 */
export function shardNames(index: unknown): string[] {
  const parsed = indexSchema.safeParse(index)
  if (!parsed.success) throw new WeightsError(`model.safetensors.index.json is not an index: ${z.prettifyError(parsed.error)}`)
  const names = [...new Set(Object.values(parsed.data.weight_map))].sort()
  for (const name of names) {
    if (!/^[\w.-]+\.safetensors$/.test(name)) throw new WeightsError(`model.safetensors.index.json names "${name}", which is no file beside it.`)
  }
  return names
}
