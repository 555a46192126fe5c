import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { WeightsError } from '../source.ts'
import { checkSha256 } from '../sha256.ts'
import { openSyncFile } from './syncFile.ts'

export interface RemoteFile {
  url: string
  /** For messages. */
  name: string
  /** Bytes. */
  size: number
  /** Lower-case hex, where it is known. */
  sha256?: string
}

/** Called with the bytes that are there. */
export type DownloadProgress = (done: number) => void

/** How often a broken connection is taken up again without a byte gained. */
const attempts = 4
const chunk = 4 * 2 ** 20

/**
 * Downloads into a file of OPFS, going on behind what it already holds.
 *
 * @returns the SHA-256 of the whole.
 * @throws {WeightsError} no room, a broken connection (what came stays), another hash (nothing stays).
 */
export async function download(
  folder: FileSystemDirectoryHandle, part: string, file: RemoteFile, onProgress: DownloadProgress, signal?: AbortSignal,
): Promise<string> {
  const handle = await openSyncFile(folder, part)
  let digest: string
  try {
    if (handle.getSize() > file.size) handle.truncate(0)
    await checkRoom(file, handle.getSize())
    const hash = sha256.create()
    let done = 0
    const buffer = new Uint8Array(chunk)
    for (let read; done < handle.getSize(); done += read) {
      read = handle.read(buffer, { at: done })
      hash.update(buffer.subarray(0, read))
    }
    for (let failures = 0; done < file.size;) {
      onProgress(done)
      const before = done
      try {
        for await (const bytes of bytesFrom(file, done, signal)) {
          handle.write(bytes, { at: done })
          hash.update(bytes)
          done += bytes.length
          onProgress(done)
        }
      } catch (error) {
        signal?.throwIfAborted()
        failures = done > before ? 1 : failures + 1
        if (isQuotaError(error)) throw error
        if (error instanceof WeightsError || failures === attempts) throw broken(file, done, error as Error)
        await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** failures))
      }
    }
    handle.flush()
    digest = bytesToHex(hash.digest())
  } finally {
    handle.close()
  }
  if (file.sha256) {
    try {
      checkSha256(file.name, digest, file.sha256)
    } catch (error) {
      await folder.removeEntry(part)
      throw error
    }
  }
  return digest
}

/** The file's bytes from an offset on. */
async function* bytesFrom({ url, name, size }: RemoteFile, offset: number, signal?: AbortSignal): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  const response = await fetch(url, { headers: { range: `bytes=${offset}-${size - 1}` }, signal: signal ?? null })
  if (!response.ok) throw new WeightsError(`${name}: the server answered ${response.status}.`, 'Check the address; the file may have moved or need a login.')
  // A server without ranges begins at the beginning.
  let skip = response.status === 206 ? 0 : offset
  let left = size - offset
  const reader = response.body!.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      const skipped = Math.min(skip, value.length)
      skip -= skipped
      const bytes = value.subarray(skipped, skipped + left)
      left -= bytes.length
      if (bytes.length) yield bytes
      if (!left) break
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
  if (left) throw new Error(`the connection ended ${left} bytes early`)
}

/** @throws {WeightsError} when the browser does not leave this page the room. */
export async function checkRoom({ name, size }: Pick<RemoteFile, 'name' | 'size'>, present: number): Promise<void> {
  const { quota, usage } = await navigator.storage.estimate()
  if (quota === undefined || usage === undefined) return
  const free = quota - usage
  if (size - present > free) {
    throw new WeightsError(`${name} needs ${size - present} bytes more, the browser leaves this page ${free}.`, roomAdvice)
  }
}

const roomAdvice = 'Delete cached models, free space on the disk, or choose a smaller model.'

function isQuotaError(error: unknown): boolean {
  return (error as Error).name === 'QuotaExceededError'
}

/** Browsers may have less room than they tell: what fails for want of it says so. @throws {WeightsError} */
export async function sayingRoom<T>({ name, size }: Pick<RemoteFile, 'name' | 'size'>, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (!isQuotaError(error)) throw error
    throw new WeightsError(`${name} of ${size} bytes is more than the browser leaves this page.`, roomAdvice)
  }
}

function broken({ name, size }: RemoteFile, done: number, error: Error): WeightsError {
  if (error instanceof WeightsError) return error
  return new WeightsError(`${name}: the download broke off after ${done} of ${size} bytes: ${error.message}.`, 'Try again: it goes on where it stopped.')
}
