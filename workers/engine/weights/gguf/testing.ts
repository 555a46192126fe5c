/** Writes small GGUF files for tests, honest ones and others. */
import { valueTypes } from './types.ts'

export interface TestTensor { name: string; shape: number[]; type: number; data: Uint8Array; offset?: number }

/** A GGUF file of these metadata (strings, whole numbers) and tensors; shapes outermost first. */
export function ggufFile(metadata: Record<string, string | number>, tensors: TestTensor[], version = 3): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = []
  const add = (bytes: number, write: (view: DataView) => void): void => {
    const view = new DataView(new ArrayBuffer(bytes))
    write(view)
    parts.push(new Uint8Array(view.buffer))
  }
  const u32 = (n: number): void => add(4, (view) => view.setUint32(0, n, true))
  const u64 = (n: number): void => add(8, (view) => view.setBigUint64(0, BigInt(n), true))
  const text = (s: string): void => {
    const bytes = new TextEncoder().encode(s)
    u64(bytes.length)
    parts.push(bytes)
  }
  u32(0x46554747)
  u32(version)
  u64(tensors.length)
  u64(Object.keys(metadata).length)
  for (const [key, value] of Object.entries(metadata)) {
    text(key)
    u32(typeof value === 'string' ? valueTypes.string : valueTypes.u32)
    if (typeof value === 'string') text(value)
    else u32(value)
  }
  let offset = 0
  for (const tensor of tensors) {
    text(tensor.name)
    u32(tensor.shape.length)
    tensor.shape.toReversed().forEach(u64)
    u32(tensor.type)
    u64(tensor.offset ?? offset)
    offset += padded(tensor.data.length)
  }
  parts.push(new Uint8Array(padded(parts.reduce((sum, part) => sum + part.length, 0)) - parts.reduce((sum, part) => sum + part.length, 0)))
  for (const { data } of tensors) {
    const aligned = new Uint8Array(padded(data.length))
    aligned.set(data)
    parts.push(aligned)
  }
  const file = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    file.set(part, at)
    at += part.length
  }
  return file
}

function padded(bytes: number): number {
  return Math.ceil(bytes / 32) * 32
}
