/**
 * Random access to the bytes of a file, wherever it lies: in memory, in a
 * `Blob` (a person's file, an OPFS file, or a file on disk through Node's
 * `openAsBlob`), or behind a URL.
 */
export interface ByteSource {
  /** For messages. */
  readonly name: string
  /** Bytes. */
  readonly size: number
  /**
   * @returns exactly `length` bytes from `offset`, in a buffer of their own.
   * @throws {WeightsError} when the range leaves the file.
   */
  read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>
}

/** A model file that cannot be used: what is wrong, with which values, and what to do. */
export class WeightsError extends Error {
  override readonly name = 'WeightsError'
  /** What the person can do next. */
  readonly advice: string
  constructor(message: string, advice = 'Fetch the file again from its origin, or choose another file.') {
    super(message)
    this.advice = advice
  }
}

/** A `Blob` as a source; nothing is read before it is asked for. */
export function blobSource(blob: Blob, name: string): ByteSource {
  return {
    name,
    size: blob.size,
    async read(offset, length, signal) {
      checkRange(name, blob.size, offset, length)
      signal?.throwIfAborted()
      const bytes = new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer())
      signal?.throwIfAborted()
      return bytes
    },
  }
}

/** Bytes in memory as a source. */
export function bytesSource(bytes: Uint8Array, name: string): ByteSource {
  return {
    name,
    size: bytes.byteLength,
    async read(offset, length) {
      checkRange(name, bytes.byteLength, offset, length)
      return bytes.slice(offset, offset + length)
    },
  }
}

/** @throws {WeightsError} when `[offset, offset + length)` is not inside a file of `size` bytes. */
export function checkRange(name: string, size: number, offset: number, length: number): void {
  if (offset < 0 || length < 0 || offset + length > size) {
    throw new WeightsError(`${name} is truncated: bytes ${offset} to ${offset + length} are wanted, it has ${size}.`)
  }
}
