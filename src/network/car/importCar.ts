import { CarBlockIterator } from '@ipld/car'
import type { ArenaNode } from '../arenaNode.ts'
import { contentPieces, type FileContent } from '../add/addFile.ts'
import { matchesCid, usableCid } from '../cid.ts'
import { BadCarError, NetworkError, TooLargeError } from '../errors.ts'
import { MAX_BLOCK_BYTES } from '../protocols.ts'

export interface ImportCarOptions {
  /** Most bytes of the file. */
  maxBytes: number
  signal?: AbortSignal
  /** Bytes of the file read so far. */
  onProgress?: (bytes: number) => void
}

/**
 * Takes the blocks of a CAR file into this node's store, each one hashed first:
 * neither `@helia/car` nor `@ipld/car` does that.
 *
 * @returns the roots that the file names.
 * @throws BadCarError at the first block that is not what it says; blocks before it stay.
 */
export async function importCar(node: Pick<ArenaNode, 'helia'>, file: FileContent, options: ImportCarOptions): Promise<string[]> {
  async function* bounded(): AsyncGenerator<Uint8Array> {
    let bytes = 0
    for await (const piece of contentPieces(file, options)) {
      bytes += piece.byteLength
      if (bytes > options.maxBytes) throw new TooLargeError('The CAR file', bytes, options.maxBytes)
      options.onProgress?.(bytes)
      yield piece
    }
  }

  try {
    const blocks = await CarBlockIterator.fromIterable(bounded())
    for await (const { cid, bytes } of blocks) {
      options.signal?.throwIfAborted()
      usableCid(cid)
      if (bytes.byteLength > MAX_BLOCK_BYTES) throw new BadCarError(`block ${cid.toString()} has ${bytes.byteLength} bytes`)
      if (!await matchesCid(cid, bytes)) throw new BadCarError(`the bytes of block ${cid.toString()} have another hash`)
      await node.helia.blockstore.put(cid, bytes)
    }
    return (await blocks.getRoots()).map(root => usableCid(root).toString())
  } catch (cause) {
    if (cause instanceof NetworkError || options.signal?.aborted) throw cause
    throw new BadCarError(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}
