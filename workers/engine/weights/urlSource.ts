import { WeightsError, bytesSource, checkRange } from './source.ts'
import type { ByteSource } from './source.ts'

/** Bytes up to which a server without ranges is not asked a second time. */
const smallFile = 8 * 2 ** 20

/**
 * A file behind a URL, read by HTTP ranges. A server that knows no ranges
 * sends the whole file at once, when it is first read; it is then kept in memory.
 *
 * @throws {WeightsError} when the server does not have the file.
 */
export async function urlSource(url: string, name: string, signal?: AbortSignal): Promise<ByteSource> {
  const first = await request(url, name, 'bytes=0-0', signal)
  if (first.status !== 206) return wholeSource(first, url, name)
  await first.body?.cancel()
  const total = totalBytes(first.headers.get('content-range')) ?? (await contentLength(url, signal))
  if (total === null) return bytesSource(await body(await request(url, name, null, signal), name), name)
  return {
    name,
    size: total,
    async read(offset, length, signal) {
      checkRange(name, total, offset, length)
      if (length === 0) return new Uint8Array(0)
      const response = await request(url, name, `bytes=${offset}-${offset + length - 1}`, signal)
      const bytes = await body(response, name)
      if (response.status === 200 && bytes.length === total) return bytes.slice(offset, offset + length)
      if (bytes.length !== length) {
        throw new WeightsError(`${name}: the server sent ${bytes.length} bytes where ${length} were asked for.`, 'Try again later, or another host.')
      }
      return bytes
    },
  }
}

/** A file that comes as a whole or not at all. Where it is large, the cache may want to download it itself. */
async function wholeSource(first: Response, url: string, name: string): Promise<ByteSource> {
  const size = lengthOf(first)
  if (size === null || size <= smallFile) return bytesSource(await body(first, name), name)
  await first.body?.cancel()
  let whole: Uint8Array<ArrayBuffer> | undefined
  return {
    name,
    size,
    async read(offset, length, signal) {
      checkRange(name, size, offset, length)
      whole ??= await body(await request(url, name, null, signal), name)
      return bytesSource(whole, name).read(offset, length)
    },
  }
}

/** Other origins need not let a page read `content-range`; `content-length` they always do. */
async function contentLength(url: string, signal?: AbortSignal): Promise<number | null> {
  const response = await fetch(url, { signal: signal ?? null })
  await response.body?.cancel()
  return response.ok ? lengthOf(response) : null
}

/** The length of a compressed answer is not the file's. */
function lengthOf({ headers }: Response): number | null {
  const length = headers.get('content-length')
  return length && !headers.get('content-encoding') ? Number(length) : null
}

async function request(url: string, name: string, range: string | null, signal?: AbortSignal): Promise<Response> {
  let response
  try {
    response = await fetch(url, { headers: range === null ? {} : { range }, signal: signal ?? null })
  } catch (error) {
    signal?.throwIfAborted()
    throw new WeightsError(`${name} could not be fetched from ${url}: ${(error as Error).message}.`, 'Check the address and the connection, then try again.')
  }
  if (response.ok) return response
  // Ranges of an empty file cannot be satisfied.
  if (response.status === 416) return new Response(new Uint8Array(0))
  throw new WeightsError(`${name} could not be fetched from ${url}: the server answered ${response.status}.`, 'Check the address; the file may have moved or need a login.')
}

async function body(response: Response, name: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await response.arrayBuffer())
  } catch (error) {
    throw new WeightsError(`${name}: the connection broke: ${(error as Error).message}.`, 'Try again: what is already here is kept.')
  }
}

/** The total of `bytes 0-0/1234`, or null where the server does not say it. */
function totalBytes(contentRange: string | null): number | null {
  const match = /\/(\d+)$/.exec(contentRange ?? '')
  return match ? Number(match[1]) : null
}
