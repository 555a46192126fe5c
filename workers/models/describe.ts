import type { ModelDescription } from '../protocol.ts'
import { expectedTensors } from '../engine/weights/expectedTensors.ts'
import type { OpenModel } from '../engine/weights/openModel.ts'
import type { WeightFormat } from '../engine/weights/packedTensor.ts'

/** What a model is, from its configuration and its files' headers. */
export function describeModel({ config, parameters, tensors }: OpenModel, fileNames: readonly string[]): ModelDescription {
  const wanted = expectedTensors(config)
  const bytes = new Map<WeightFormat, number>()
  for (const [name, entry] of tensors.entries) if (wanted.has(name)) bytes.set(entry.format, (bytes.get(entry.format) ?? 0) + entry.bytes)
  const [most] = [...bytes].sort(([, a], [, b]) => b - a)
  const container = fileNames.some((name) => name.endsWith('.gguf')) ? 'GGUF' : 'safetensors'
  return {
    family: config.family, parameters, contextLength: config.contextLength,
    format: `${container}, ${(most?.[0] ?? 'f32').toUpperCase()}`,
    weightBytes: [...bytes.values()].reduce((sum, size) => sum + size, 0),
  }
}
