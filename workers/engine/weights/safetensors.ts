/**
 * Reader and writer of the safetensors format: 8 bytes of header length, a
 * JSON header with each tensor's type, shape and byte range, then the bytes.
 * https://huggingface.co/docs/safetensors
 */
import { z } from 'zod'
import type { ByteSource } from './source.ts'
import { WeightsError } from './source.ts'
import { valueCount } from './packedTensor.ts'

/** The format's own bound on its header. */
const headerLimit = 100_000_000

const dtypeBytes = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, I16: 2, I8: 1, U8: 1, BOOL: 1 } as const
export type SafetensorsDtype = keyof typeof dtypeBytes

const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(z.int().min(0)).max(8),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
})
const headerSchema = z.record(z.string(), z.unknown())

/** Where a tensor lies in its file. */
export interface SafetensorsEntry {
  dtype: SafetensorsDtype
  shape: number[]
  /** Bytes from the start of the file. */
  offset: number
  /** Bytes. */
  length: number
}

export interface SafetensorsHeader {
  tensors: Map<string, SafetensorsEntry>
  metadata: Record<string, string>
}

/**
 * Reads and checks a header: every tensor inside the file, of exactly the
 * bytes its shape needs, none overlapping another.
 *
 * @param limit largest header accepted, in bytes; smaller for strangers' adapters.
 * @throws {WeightsError}
 */
export async function readSafetensorsHeader(source: ByteSource, limit = headerLimit, signal?: AbortSignal): Promise<SafetensorsHeader> {
  const { name, size } = source
  if (size < 8) throw new WeightsError(`${name} is truncated: ${size} bytes are too few for a safetensors file.`)
  const length = Number(new DataView((await source.read(0, 8, signal)).buffer).getBigUint64(0, true))
  if (length > limit) throw new WeightsError(`${name}: a header of ${length} bytes is over the limit of ${limit}; this is no safetensors file or a hostile one.`)
  if (8 + length > size) throw new WeightsError(`${name} is truncated: its header should take ${length} bytes, the file has ${size}.`)
  const header = parseHeader(name, await source.read(8, length, signal))
  const metadata = z.record(z.string(), z.string()).catch({}).parse(header.__metadata__ ?? {})
  const tensors = new Map<string, SafetensorsEntry>()
  for (const [tensor, value] of Object.entries(header)) {
    if (tensor !== '__metadata__') tensors.set(tensor, checkEntry(`${name}: tensor ${tensor}`, value, 8 + length, size))
  }
  checkOverlaps(name, tensors)
  return { tensors, metadata }
}

function parseHeader(name: string, bytes: Uint8Array): Record<string, unknown> {
  try {
    return headerSchema.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)))
  } catch {
    throw new WeightsError(`${name}: the header is not the JSON object that a safetensors file starts with.`)
  }
}

function checkEntry(name: string, value: unknown, start: number, size: number): SafetensorsEntry {
  const parsed = entrySchema.safeParse(value)
  if (!parsed.success) throw new WeightsError(`${name} is described wrongly: ${z.prettifyError(parsed.error)}`)
  const { dtype, shape, data_offsets: [from, to] } = parsed.data
  if (!(dtype in dtypeBytes)) throw new WeightsError(`${name} has type ${dtype}, which is not known here.`)
  const known = dtype as SafetensorsDtype
  const expected = valueCount(shape) * dtypeBytes[known]
  if (to - from !== expected) {
    throw new WeightsError(`${name} of type ${dtype} and shape [${shape.join(', ')}] needs ${expected} bytes, its range has ${to - from}.`)
  }
  if (start + to > size) throw new WeightsError(`${name} ends at byte ${start + to}, the file is truncated at ${size}.`)
  return { dtype: known, shape, offset: start + from, length: to - from }
}

function checkOverlaps(name: string, tensors: ReadonlyMap<string, SafetensorsEntry>): void {
  const filled = [...tensors].filter(([, entry]) => entry.length > 0).sort(([, a], [, b]) => a.offset - b.offset)
  for (let i = 1; i < filled.length; i++) {
    const [before, a] = filled[i - 1]
    const [after, b] = filled[i]
    if (a.offset + a.length > b.offset) throw new WeightsError(`${name}: tensors ${before} and ${after} overlap.`)
  }
}

/**
 * Writes a safetensors file of float32 tensors, in the order and layout of
 * Hugging Face's writer: sorted by name, header padded with spaces to 8 bytes.
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, { shape: readonly number[]; data: Float32Array }>,
  metadata: Record<string, string> = { format: 'pt' },
): Uint8Array<ArrayBuffer> {
  const names = [...tensors.keys()].sort()
  const header: Record<string, unknown> = { __metadata__: metadata }
  let offset = 0
  for (const name of names) {
    const { shape, data } = tensors.get(name)!
    if (valueCount(shape) !== data.length) {
      throw new WeightsError(`Tensor ${name} of shape [${shape.join(', ')}] was given ${data.length} values.`)
    }
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] }
    offset += data.byteLength
  }
  const text = new TextEncoder().encode(JSON.stringify(header))
  const headerLength = Math.ceil(text.length / 8) * 8
  const bytes = new Uint8Array(8 + headerLength + offset)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true)
  bytes.fill(0x20, 8, 8 + headerLength).set(text, 8)
  let at = 8 + headerLength
  for (const name of names) {
    const { data } = tensors.get(name)!
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
    at += data.byteLength
  }
  return bytes
}
