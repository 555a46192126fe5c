/**
 * Downloaded model files, kept in the browser's private file system (OPFS).
 *
 * Each file is written under a temporary name, hashed on the way, and renamed
 * when it is whole; `<key>.json` beside it says what it is. A download that broke
 * off goes on where it stopped, after its bytes are hashed again. Works in
 * dedicated workers, the only place with synchronous file access.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { z } from 'zod'
import type { CachedModelFile } from '../../../protocol.ts'
import { WeightsError, blobSource } from '../source.ts'
import type { ByteSource } from '../source.ts'
import { checkRoom, download, sayingRoom } from './download.ts'
import type { DownloadProgress, RemoteFile } from './download.ts'
import { openSyncFile } from './syncFile.ts'

const descriptionSchema = z.object({ url: z.string(), name: z.string(), size: z.number(), sha256: z.string() })

export interface CacheOptions {
  signal?: AbortSignal
  onDownload?: (name: string, done: number, total: number) => void
}

export interface ModelCache {
  /**
   * The file, downloaded first where it is not there yet.
   *
   * @throws {WeightsError} no room, a broken connection, another hash.
   */
  open(file: RemoteFile, options?: CacheOptions): Promise<ByteSource>
  /**
   * Keeps a copy of a person's own file.
   *
   * @param file.url made up by the caller, e.g. `ipfs://CID/name`; a file that was kept under it before is replaced.
   * @throws {WeightsError} no room.
   */
  keep(file: Pick<RemoteFile, 'url' | 'name'>, blob: Blob, options?: CacheOptions): Promise<CachedModelFile>
  /** A file that is here as a whole; null where it is gone. */
  held(key: string): Promise<CachedModelFile | null>
  list(): Promise<CachedModelFile[]>
  /** A cached file's bytes, to share with peers; null where it is gone. */
  blob(key: string): Promise<File | null>
  delete(key: string): Promise<void>
}

/** The cache, or null where there is no OPFS with synchronous access (a page, Node, an old browser). */
export async function modelCache(): Promise<ModelCache | null> {
  if (typeof navigator === 'undefined' || !('storage' in navigator) || typeof FileSystemFileHandle === 'undefined') return null
  if (!('createSyncAccessHandle' in FileSystemFileHandle.prototype) || !('locks' in navigator)) return null
  try {
    const root = await navigator.storage.getDirectory()
    return opfsCache(await root.getDirectoryHandle('models', { create: true }))
  } catch {
    // Private windows of some browsers have no storage.
    return null
  }
}

function opfsCache(folder: FileSystemDirectoryHandle): ModelCache {
  const describe = async (key: string): Promise<CachedModelFile | null> => {
    const file = await fileIn(folder, `${key}.json`)
    const parsed = file && descriptionSchema.safeParse(JSON.parse(await file.text()))
    return parsed?.success ? { key, ...parsed.data } : null
  }
  const openWhole = async (key: string, { name, size, sha256 }: RemoteFile): Promise<ByteSource | null> => {
    const description = await describe(key)
    const file = description && (await fileIn(folder, key))
    const fits = file && file.size === description.size && file.size === size && (!sha256 || description.sha256 === sha256.toLowerCase())
    return fits ? blobSource(file, name) : null
  }
  const held = async (key: string): Promise<CachedModelFile | null> => {
    const description = await describe(key)
    const file = description && (await fileIn(folder, key))
    return file?.size === description?.size ? description : null
  }
  return {
    async open(file, { signal, onDownload } = {}) {
      const key = cacheKey(file.url)
      // One download of a file at a time, over all tabs and workers.
      return navigator.locks.request(`lanista-model-${key}`, signal ? { signal } : {}, async () => {
        const there = await openWhole(key, file)
        if (there) return there
        const progress: DownloadProgress = (done) => onDownload?.(file.name, done, file.size)
        await sayingRoom(file, (async () => {
          const digest = await download(folder, `${key}.part`, file, progress, signal)
          await writeText(folder, `${key}.json`, JSON.stringify({ url: file.url, name: file.name, size: file.size, sha256: digest }))
          await rename(folder, `${key}.part`, key)
        })())
        const whole = await openWhole(key, file)
        if (!whole) throw new WeightsError(`${file.name} was downloaded but cannot be read back.`, 'Check that the browser may store data for this page, then try again.')
        return whole
      })
    },
    async keep({ url, name }, blob, { signal, onDownload } = {}) {
      const key = cacheKey(url)
      return navigator.locks.request(`lanista-model-${key}`, signal ? { signal } : {}, async () => {
        await checkRoom({ name, size: blob.size }, 0)
        const hash = sha256.create()
        const file = await openSyncFile(folder, `${key}.part`)
        try {
          file.truncate(0)
          for (let done = 0; done < blob.size;) {
            signal?.throwIfAborted()
            const bytes = new Uint8Array(await blob.slice(done, done + COPY_BYTES).arrayBuffer())
            file.write(bytes, { at: done })
            hash.update(bytes)
            done += bytes.length
            onDownload?.(name, done, blob.size)
          }
          file.flush()
        } finally {
          file.close()
        }
        await rename(folder, `${key}.part`, key)
        const description = { url, name, size: blob.size, sha256: bytesToHex(hash.digest()) }
        await writeText(folder, `${key}.json`, JSON.stringify(description))
        return { key, ...description }
      })
    },
    held,
    async list() {
      const files: CachedModelFile[] = []
      for await (const name of folder.keys()) {
        const description = name.endsWith('.json') ? await held(name.slice(0, -5)) : null
        if (description) files.push(description)
      }
      return files.sort((a, b) => (a.url < b.url ? -1 : 1))
    },
    blob: (key) => fileIn(folder, key),
    async delete(key) {
      for (const name of [key, `${key}.json`, `${key}.part`]) await folder.removeEntry(name).catch(ignoreMissing)
    },
  }
}

/** Bytes copied at a time. */
const COPY_BYTES = 4 * 2 ** 20

/** One file per address, whatever it was called. */
export function cacheKey(url: string): string {
  return bytesToHex(sha256(new TextEncoder().encode(new URL(url, globalThis.location?.href).href))).slice(0, 32)
}

async function fileIn(folder: FileSystemDirectoryHandle, name: string): Promise<File | null> {
  try {
    return await (await folder.getFileHandle(name)).getFile()
  } catch (error) {
    ignoreMissing(error)
    return null
  }
}

async function rename(folder: FileSystemDirectoryHandle, from: string, to: string): Promise<void> {
  await folder.removeEntry(to).catch(ignoreMissing)
  // `move` is in every browser that has OPFS, but not yet in TypeScript's types.
  const handle = (await folder.getFileHandle(from)) as FileSystemFileHandle & { move(name: string): Promise<void> }
  await handle.move(to)
}

async function writeText(folder: FileSystemDirectoryHandle, name: string, text: string): Promise<void> {
  const file = await openSyncFile(folder, name)
  try {
    file.truncate(0)
    file.write(new TextEncoder().encode(text), { at: 0 })
  } finally {
    file.close()
  }
}

function ignoreMissing(error: unknown): void {
  if ((error as Error).name !== 'NotFoundError') throw error
}
