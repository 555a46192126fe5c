import { importFile } from 'ipfs-unixfs-importer'
import type { ArenaNode } from '../arenaNode.ts'
import { LAYOUT } from './layout.ts'

/** Content of a file: bytes, or a Blob that is read piece by piece. */
export type FileContent = Uint8Array | Blob

export interface AddOptions {
  signal?: AbortSignal
  /** Told of each further piece of content that was taken. */
  onBytes?: (bytes: number) => void
}

/** The content in pieces, as the importer takes it. */
export async function* contentPieces(content: FileContent, { signal, onBytes }: AddOptions): AsyncGenerator<Uint8Array> {
  if (content instanceof Uint8Array) {
    yield content
    onBytes?.(content.byteLength)
    return
  }
  const reader = content.stream().getReader()
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      signal?.throwIfAborted()
      yield piece.value
      onBytes?.(piece.value.byteLength)
    }
  } finally {
    reader.releaseLock()
  }
}

/**
 * Adds a file to this node's store.
 * @returns its CID: a raw block up to 1 MiB, otherwise a UnixFS file over raw leaves.
 */
export async function addFile(node: Pick<ArenaNode, 'helia'>, content: FileContent, options: AddOptions = {}): Promise<string> {
  const { cid } = await importFile({ content: contentPieces(content, options) }, node.helia.blockstore, LAYOUT)
  return cid.toString()
}
