import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { WeightsError } from './source.ts'
import type { ByteSource } from './source.ts'

const chunk = 4 * 2 ** 20

/** The SHA-256 of a source in lower-case hex, read piece by piece. */
export async function sha256Of(source: ByteSource, signal?: AbortSignal): Promise<string> {
  const hash = sha256.create()
  for (let at = 0; at < source.size; at += chunk) hash.update(await source.read(at, Math.min(chunk, source.size - at), signal))
  return bytesToHex(hash.digest())
}

/** @throws {WeightsError} when a file is not the one that was named. */
export function checkSha256(name: string, actual: string, expected: string): void {
  if (actual !== expected.toLowerCase()) {
    throw new WeightsError(`${name} has SHA-256 ${actual}, ${expected} was expected: it is another file or damaged.`)
  }
}
