import { importFile } from 'ipfs-unixfs-importer'
import type { ArenaNode } from '../arenaNode.ts'
import { LAYOUT } from './layout.ts'

/** Content of a file: bytes, or a Blob that is read piece by piece. */
export type FileContent = Uint8Array | Blob

export interface AddOptions {
  signal?: AbortSignal
}

/** The content in pieces, as the importer takes it. */
export async function* contentPieces(content: FileContent, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  if (content instanceof Uint8Array) return yield content
  const reader = content.stream().getReader()
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      signal?.throwIfAborted()
      yield piece.value
    }
  } finally {
    reader.releaseLock()
  }
}

/**
 * Adds a file to this node's store.
 * @returns its CID: a raw block up to 1 MiB, otherwise a UnixFS file over raw leaves.
 */
export async function addFile(node: Pick<ArenaNode, 'helia'>, content: FileContent, { signal }: AddOptions = {}): Promise<string> {
  const { cid } = await importFile({ content: contentPieces(content, signal) }, node.helia.blockstore, LAYOUT)
  return cid.toString()
}
