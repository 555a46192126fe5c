/**
 * The header of a GGUF file (versions 2 and 3): metadata, then the tensors'
 * names, shapes, types and places.
 * https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
import { WeightsError } from '../source.ts'
import type { ByteSource } from '../source.ts'
import { GgufReader } from './reader.ts'
import type { GgufValue } from './reader.ts'
import { ggmlTypes } from './types.ts'
import type { WeightFormat } from '../packedTensor.ts'
import { packedBytes } from '../packedTensor.ts'

export interface GgufTensor {
  format: WeightFormat
  /** Outermost first (the file has it the other way round). */
  shape: number[]
  /** Bytes from the start of the file. */
  offset: number
  /** Bytes. */
  length: number
}

export interface GgufHeader {
  metadata: ReadonlyMap<string, GgufValue>
  tensors: ReadonlyMap<string, GgufTensor>
}

/** More than any model has; a hostile file may claim 2^64. */
const limits = { tensors: 100_000, metadata: 100_000, dimensions: 4 }

/**
 * Reads and checks a header: versions 2 and 3, known types, every tensor
 * aligned, inside the file, and none overlapping another.
 *
 * @throws {WeightsError}
 */
export async function readGgufHeader(source: ByteSource, signal?: AbortSignal): Promise<GgufHeader> {
  const { name } = source
  const reader = new GgufReader(source, signal)
  const magic = await reader.u32()
  if (magic !== 0x46554747) throw new WeightsError(`${name} is no GGUF file: it does not begin with "GGUF".`)
  const version = await reader.u32()
  if (version === 1) {
    throw new WeightsError(`${name} is a GGUF file of version 1, which was in use for a week in 2023.`, 'Convert it again from its origin: today\'s tools write version 3.')
  }
  if (version !== 2 && version !== 3) {
    throw new WeightsError(`${name} is a GGUF file of version ${version}; 2 and 3 are known here. (Big-endian files are not.)`)
  }
  const tensorCount = await reader.u64()
  const metadataCount = await reader.u64()
  if (tensorCount > limits.tensors || metadataCount > limits.metadata) {
    throw new WeightsError(`${name} claims ${tensorCount} tensors and ${metadataCount} metadata entries; that is no model.`)
  }
  const metadata = new Map<string, GgufValue>()
  for (let i = 0; i < metadataCount; i++) metadata.set(await reader.string(), await reader.value(await reader.u32()))
  const alignment = metadata.get('general.alignment') ?? 32
  if (typeof alignment !== 'number' || alignment < 8 || alignment > 2 ** 20 || alignment % 8) {
    throw new WeightsError(`${name}: an alignment of ${String(alignment)} bytes is not valid.`)
  }
  const tensors = new Map<string, GgufTensor>()
  for (let i = 0; i < tensorCount; i++) {
    const tensor = await reader.string()
    if (tensors.has(tensor)) throw new WeightsError(`${name} has tensor ${tensor} twice.`)
    tensors.set(tensor, await readTensor(reader, `${name}: tensor ${tensor}`, alignment))
  }
  const start = Math.ceil(reader.position / alignment) * alignment
  for (const tensor of tensors.values()) tensor.offset += start
  checkPlaces(name, source.size, tensors)
  return { metadata, tensors }
}

async function readTensor(reader: GgufReader, name: string, alignment: number): Promise<GgufTensor> {
  const dimensions = await reader.u32()
  if (dimensions < 1 || dimensions > limits.dimensions) throw new WeightsError(`${name} claims ${dimensions} dimensions.`)
  const shape: number[] = []
  for (let i = 0; i < dimensions; i++) shape.unshift(await reader.u64())
  const type = await reader.u32()
  const offset = await reader.u64()
  const format = ggmlTypes.get(type)
  if (!format) throw new WeightsError(`${name} has ggml type ${type}; known here are ${[...ggmlTypes.values()].join(', ')}.`, 'Choose a Q4_0, Q4_1, Q4_K_M, Q8_0 or F16 file of the same model.')
  if (offset % alignment) throw new WeightsError(`${name} lies at ${offset}, not at a multiple of ${alignment} bytes.`)
  const length = packedBytes(format, shape)
  if (!Number.isSafeInteger(length)) throw new WeightsError(`${name} claims a shape of [${shape.join(', ')}].`)
  return { format, shape, offset, length }
}

function checkPlaces(name: string, size: number, tensors: ReadonlyMap<string, GgufTensor>): void {
  const sorted = [...tensors].sort(([, a], [, b]) => a.offset - b.offset)
  sorted.forEach(([tensor, { offset, length }], i) => {
    if (offset + length > size) throw new WeightsError(`${name} is truncated: tensor ${tensor} ends at byte ${offset + length}, the file has ${size}.`)
    const next = sorted[i + 1]
    if (next && offset + length > next[1].offset) throw new WeightsError(`${name}: tensors ${tensor} and ${next[0]} overlap.`)
  })
}
