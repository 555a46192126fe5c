import type { ImporterOptions } from 'ipfs-unixfs-importer'
import { fixedSize } from 'ipfs-unixfs-importer/chunker'
import { balanced } from 'ipfs-unixfs-importer/layout'

/** Bytes of a chunk. */
export const CHUNK_BYTES = 1024 * 1024
/** Links of an inner node at most. */
export const FAN_OUT = 1024

/**
 * How files become blocks. Everything that changes a CID stands here, so that
 * the same files have the same CID at every peer, whatever a library's default is.
 */
export const LAYOUT: ImporterOptions = {
  cidVersion: 1,
  rawLeaves: true,
  reduceSingleLeafToSelf: true,
  chunker: fixedSize({ chunkSize: CHUNK_BYTES }),
  layout: balanced({ maxChildrenPerNode: FAN_OUT }),
  // Never a HAMT: directories here are a handful of files.
  shardSplitThresholdBytes: 1024 * 1024,
  fieldOrder: 'links-first',
}
