import { Random } from '../../src/data/random.ts'
import { inverseFrequencies } from '../../workers/engine/model/config.ts'
import type { ModelConfig } from '../../workers/engine/model/config.ts'
import type { LoadedModel } from '../../workers/engine/model/loadModel.ts'
import type { Executor } from '../../workers/engine/plan/execute/executor.ts'
import { expectedTensors, parameterCount } from '../../workers/engine/weights/expectedTensors.ts'
import { toHalf } from '../../workers/engine/weights/formats/half.ts'
import { nf4Parts } from '../../workers/engine/weights/formats/nf4.ts'
import { blockLayout, packedBytes, valueCount } from '../../workers/engine/weights/packedTensor.ts'
import type { PackedTensor } from '../../workers/engine/weights/packedTensor.ts'

/** Formats that made-up weights can have. */
export type SyntheticFormat = 'f32' | 'q4_1' | 'nf4'

/** A model of some shape with made-up weights, on a device; matrices in `format`, vectors in f32. */
export function placeSyntheticModel(config: ModelConfig, executor: Executor, format: SyntheticFormat): LoadedModel {
  const random = new Random(7)
  const formats = new Map<string, SyntheticFormat>()
  for (const [name, shape] of expectedTensors(config)) {
    const own = shape.length > 1 && shape[1] % 32 === 0 ? format : 'f32'
    formats.set(name, own)
    const scale = shape.length > 1 ? shape[1] ** -0.5 : 1
    executor.placeWeight(name, makers[own](shape, scale, random))
  }
  const frequencies = inverseFrequencies(config)
  executor.allocate([{ name: 'rope.frequencies', shape: [frequencies.length], dtype: 'float32', role: 'constant' }])
  executor.write('rope.frequencies', frequencies)
  return { id: 'synthetic', config, parameters: parameterCount(config), formats: (name) => formats.get(name) ?? 'f32', executor }
}

const makers: Record<SyntheticFormat, (shape: readonly number[], scale: number, random: Random) => PackedTensor> = { f32: floats, q4_1: blocks, nf4 }

/** Vectors around 1 (norms), matrices around 0. */
function floats(shape: readonly number[], scale: number, random: Random): PackedTensor {
  const centre = shape.length > 1 ? 0 : 1
  const values = Float32Array.from({ length: valueCount(shape) }, () => centre + scale * (random.uniform() - 0.5) * (centre ? 0.2 : 3.4))
  return { format: 'f32', shape, bytes: new Uint8Array(values.buffer) }
}

/** Random nibbles; one scale for all blocks so that values spread as `scale` says. */
function blocks(shape: readonly number[], scale: number, random: Random): PackedTensor {
  const bytes = new Uint8Array(packedBytes('q4_1', shape))
  const words = new Uint32Array(bytes.buffer)
  for (let i = 0; i < words.length; i++) words[i] = random.bits()
  const view = new DataView(bytes.buffer)
  for (let at = 0; at < bytes.length; at += blockLayout.q4_1.bytes) {
    view.setUint16(at, toHalf(scale * 0.22), true)
    view.setUint16(at + 2, toHalf(scale * -1.65), true)
  }
  return { format: 'q4_1', shape, bytes }
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
