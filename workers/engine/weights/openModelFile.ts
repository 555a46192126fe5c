import type { ModelFile } from '../../protocol.ts'
import { modelCache } from './cache/modelCache.ts'
import { checkSha256, sha256Of } from './sha256.ts'
import { WeightsError, blobSource, bytesSource } from './source.ts'
import type { ByteSource } from './source.ts'
import { urlSource } from './urlSource.ts'

export interface OpenFileOptions {
  signal?: AbortSignal
  /** Bytes of a file that is being downloaded as a whole. */
  onDownload?: (name: string, done: number, total: number) => void
}

/** Files from this size on are kept in OPFS, in bytes; smaller ones are left to the browser's own cache. */
const cachedFrom = 8 * 2 ** 20

const cachePrefix = 'cache:'

async function cachedFile(key: string, name: string, sha256?: string): Promise<ByteSource> {
  const cache = await modelCache()
  const held = await cache?.held(key)
  const file = held && (await cache?.blob(key))
  if (!file) throw new WeightsError(`${name} is not kept in this browser any more.`, 'Bring the model again on the Models page.')
  // It was hashed when it was written.
  if (sha256) checkSha256(name, held.sha256, sha256)
  return blobSource(file, name)
}

/**
 * Opens a model's file: a `Blob` as it is; `cache:KEY` from the cache alone; a
 * URL through the cache of downloads where there is one (browsers' workers), otherwise by ranges. Where a
 * SHA-256 is given, the bytes are checked against it before any is used.
 *
 * @throws {WeightsError}
 */
export async function openModelFile({ name, source, sha256 }: ModelFile, options: OpenFileOptions = {}): Promise<ByteSource> {
  const { signal } = options
  if (typeof source !== 'string') {
    const blob = blobSource(source, name)
    if (sha256) checkSha256(name, await sha256Of(blob, signal), sha256)
    return blob
  }
  if (source.startsWith(cachePrefix)) return cachedFile(source.slice(cachePrefix.length), name, sha256)
  const remote = await urlSource(source, name, signal)
  const cache = remote.size >= cachedFrom ? await modelCache() : null
  if (cache) return cache.open({ url: source, name, size: remote.size, sha256 }, options)
  if (!sha256) return remote
  // Hashed and used must be the same bytes, so they are fetched once and kept.
  const bytes = await remote.read(0, remote.size, signal)
  const whole = bytesSource(bytes, name)
  checkSha256(name, await sha256Of(whole, signal), sha256)
  return whole
}
