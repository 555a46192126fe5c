import * as raw from 'multiformats/codecs/raw'
import type { CID } from 'multiformats/cid'
import { MalformedDagError, NotAFileError, TooLargeError } from '../errors.ts'
import { MAX_BLOCK_BYTES } from '../protocols.ts'
import type { BlockFetcher } from './blockFetcher.ts'
import { parseNode } from './unixfs.ts'

/** A piece of a file in order: a leaf block still to be fetched, or bytes that lay in an inner node. */
export type FilePiece = { cid: CID; bytes: number | null } | { inline: Uint8Array }

export interface FilePlan {
  pieces: FilePiece[]
  /** Content bytes; for a file of one raw block the claimed size, or null while unknown. */
  bytes: number | null
}

/** Levels below the root; 1024 links a node make four levels 10^12 blocks. */
const MAX_DEPTH = 4
/** Inner nodes are small; this leaves room for kubo's wide ones. */
const MAX_PIECES = 1 << 20

/**
 * Which blocks a file consists of, from its inner nodes alone: what it holds is
 * known, and refused where it is too much, before its content is taken.
 *
 * @param claimed Bytes that a directory says a file of one raw block has; it is checked when the block comes.
 * @throws TooLargeError, NotAFileError, MalformedDagError, and what {@link BlockFetcher.fetch} throws.
 */
export async function planFile(fetcher: BlockFetcher, root: CID, maxBytes: number, claimed: number | null = null): Promise<FilePlan> {
  const pieces: FilePiece[] = []

  async function visit(cid: CID, expected: number | null, depth: number): Promise<number | null> {
    if (pieces.length > MAX_PIECES) throw new MalformedDagError(root.toString(), `more than ${MAX_PIECES} blocks`)
    if (cid.code === raw.code) {
      if (expected !== null && expected > MAX_BLOCK_BYTES) throw new MalformedDagError(cid.toString(), `one block of ${expected} bytes`)
      pieces.push({ cid, bytes: expected })
      return expected
    }
    if (depth > MAX_DEPTH) throw new MalformedDagError(root.toString(), `deeper than ${MAX_DEPTH} levels`)
    const { bytes: block } = await fetcher.fetch(cid, MAX_BLOCK_BYTES)
    const node = parseNode(cid, block)
    if (node.kind !== 'file') throw new NotAFileError(cid.toString(), `it is a ${node.kind === 'other' ? node.type : node.kind}`)
    if (expected !== null && node.bytes !== expected) {
      throw new MalformedDagError(cid.toString(), `${node.bytes} bytes where its parent says ${expected}`)
    }
    if (depth === 0 && node.bytes > maxBytes) throw new TooLargeError(root.toString(), node.bytes, maxBytes)
    if (node.inline.byteLength > 0) pieces.push({ inline: node.inline })
    for (const child of node.children) await visit(child.cid, child.bytes, depth + 1)
    return node.bytes
  }

  if (claimed !== null && root.code === raw.code && claimed > maxBytes) throw new TooLargeError(root.toString(), claimed, maxBytes)
  return { pieces, bytes: await visit(root, root.code === raw.code ? claimed : null, 0) }
}
