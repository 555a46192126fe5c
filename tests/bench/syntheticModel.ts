import { Random } from '../../src/data/random.ts'
import { inverseFrequencies } from '../../workers/engine/model/config.ts'
import type { ModelConfig } from '../../workers/engine/model/config.ts'
import type { LoadedModel } from '../../workers/engine/model/loadModel.ts'
import type { Executor } from '../../workers/engine/plan/execute/executor.ts'
import { expectedTensors, parameterCount } from '../../workers/engine/weights/expectedTensors.ts'
import { quantize } from '../../workers/engine/weights/formats/index.ts'
import { toHalf } from '../../workers/engine/weights/formats/half.ts'
import { nf4Parts } from '../../workers/engine/weights/formats/nf4.ts'
import { blockLayout, packedBytes, valueCount } from '../../workers/engine/weights/packedTensor.ts'
import type { PackedTensor } from '../../workers/engine/weights/packedTensor.ts'

/** Formats that made-up weights can have. */
export const syntheticFormats = ['f32', 'f16', 'q8_0', 'q4_0', 'q4_1', 'q4_k', 'q6_k', 'nf4', 'int8'] as const
export type SyntheticFormat = (typeof syntheticFormats)[number]

/** A model of some shape with made-up weights, on a device; matrices in `format`, vectors in f32. */
export function placeSyntheticModel(config: ModelConfig, executor: Executor, format: SyntheticFormat): LoadedModel {
  const random = new Random(7)
  const formats = new Map<string, SyntheticFormat>()
  for (const [name, shape] of expectedTensors(config)) {
    const own = shape.length > 1 && shape[1] % 32 === 0 ? format : 'f32'
    formats.set(name, own)
    const scale = shape.length > 1 ? shape[1] ** -0.5 : 1
    executor.placeWeight(name, syntheticTensor(own, shape, scale, random))
  }
  const frequencies = inverseFrequencies(config)
  executor.allocate([{ name: 'rope.frequencies', shape: [frequencies.length], dtype: 'float32', role: 'constant' }])
  executor.write('rope.frequencies', frequencies)
  return { id: 'synthetic', config, parameters: parameterCount(config), formats: (name) => formats.get(name) ?? 'f32', executor }
}

/** A made-up tensor: matrices around 0, spread by about `scale`. */
export function syntheticTensor(format: SyntheticFormat, shape: readonly number[], scale = shape[1] ** -0.5, random = new Random(7)): PackedTensor {
  if (format === 'f32') return floats(shape, scale, random)
  if (format === 'nf4') return nf4(shape, scale, random)
  if (format === 'q8_0' || format === 'int8') return quantize(floats(shape, scale, random), format)
  return blocks(format, shape, scale, random)
}

/** Vectors around 1 (norms), matrices around 0. */
function floats(shape: readonly number[], scale: number, random: Random): PackedTensor {
  const centre = shape.length > 1 ? 0 : 1
  const values = Float32Array.from({ length: valueCount(shape) }, () => centre + scale * (random.uniform() - 0.5) * (centre ? 0.2 : 3.4))
  return { format: 'f32', shape, bytes: new Uint8Array(values.buffer) }
}

/** Where a block keeps its half-precision numbers, as multiples of `scale`; a format without blocks is such numbers throughout. */
const halves: Record<'f16' | 'q4_0' | 'q4_1' | 'q4_k' | 'q6_k', { bytes: number; at: readonly [place: number, factor: number][] }> = {
  f16: { bytes: 2, at: [[0, 1]] },
  q4_0: { bytes: blockLayout.q4_0.bytes, at: [[0, 0.22]] },
  q4_1: { bytes: blockLayout.q4_1.bytes, at: [[0, 0.22], [2, -1.65]] },
  q4_k: { bytes: blockLayout.q4_k.bytes, at: [[0, 0.007], [2, 0.05]] },
  q6_k: { bytes: blockLayout.q6_k.bytes, at: [[208, 0.0007]] },
}

/** Random bits; one scale for all blocks so that values spread as `scale` says. */
function blocks(format: keyof typeof halves, shape: readonly number[], scale: number, random: Random): PackedTensor {
  const bytes = new Uint8Array(packedBytes(format, shape))
  const words = new Uint32Array(bytes.buffer, 0, bytes.length >> 2)
  for (let i = 0; i < words.length; i++) words[i] = random.bits()
  const view = new DataView(bytes.buffer)
  const { bytes: size, at } = halves[format]
  for (let block = 0; block < bytes.length; block += size) {
    for (const [place, factor] of at) view.setUint16(block + place, toHalf(factor * scale), true)
  }
  return { format, shape, bytes }
}

/** Random nibbles and scales around `scale`. */
function nf4(shape: readonly number[], scale: number, random: Random): PackedTensor {
  const values = valueCount(shape)
  const bytes = new Uint8Array(packedBytes('nf4', shape))
  const words = new Uint32Array(bytes.buffer)
  for (let i = 0; i < words.length; i++) words[i] = random.bits()
  const { scales, mean } = nf4Parts(values)
  const view = new DataView(bytes.buffer)
  for (let at = scales; at < mean; at += 4) view.setFloat32(at, scale * 0.5, true)
  view.setFloat32(mean, scale * 1.7, true)
  return { format: 'nf4', shape, bytes }
}
