import { valueTypes } from './types.ts'

/** A metadata value that is written as the type named. */
export type GgufField = { type: 'string'; value: string } | { type: 'f32' | 'u32'; value: number }

const alignment = 32

/** Writes a GGUF file, version 3, of float32 tensors; shapes outermost first. */
export function writeGguf(
  metadata: Readonly<Record<string, GgufField>>, tensors: ReadonlyMap<string, { shape: readonly number[]; data: Float32Array }>,
): Uint8Array<ArrayBuffer> {
  const header: Uint8Array[] = []
  const number = (bytes: number, write: (view: DataView) => void): void => {
    const view = new DataView(new ArrayBuffer(bytes))
    write(view)
    header.push(new Uint8Array(view.buffer))
  }
  const u32 = (value: number): void => number(4, (view) => view.setUint32(0, value, true))
  const u64 = (value: number): void => number(8, (view) => view.setBigUint64(0, BigInt(value), true))
  const string = (value: string): void => {
    const bytes = new TextEncoder().encode(value)
    u64(bytes.length)
    header.push(bytes)
  }
  header.push(new TextEncoder().encode('GGUF'))
  u32(3)
  u64(tensors.size)
  u64(Object.keys(metadata).length)
  for (const [key, field] of Object.entries(metadata)) {
    string(key)
    u32(valueTypes[field.type])
    if (field.type === 'string') string(field.value)
    else if (field.type === 'u32') u32(field.value)
    else number(4, (view) => view.setFloat32(0, field.value, true))
  }
  let offset = 0
  for (const [name, { shape, data }] of tensors) {
    string(name)
    u32(shape.length)
    shape.toReversed().forEach(u64)
    u32(0)
    u64(offset)
    offset = aligned(offset + data.byteLength)
  }
  const start = aligned(header.reduce((sum, part) => sum + part.length, 0))
  const file = new Uint8Array(start + offset)
  let at = 0
  for (const part of header) {
    file.set(part, at)
    at += part.length
  }
  at = start
  for (const { data } of tensors.values()) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
    at = aligned(at + data.byteLength)
  }
  return file
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment
}
