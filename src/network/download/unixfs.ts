/**
 * Reading UnixFS from blocks that a stranger chose.
 * @see https://specs.ipfs.tech/unixfs/
 */
import * as dagPb from '@ipld/dag-pb'
import { UnixFS } from 'ipfs-unixfs'
import type { CID } from 'multiformats/cid'
import { usableCid } from '../cid.ts'
import { MalformedDagError } from '../errors.ts'

export interface FileNode {
  kind: 'file'
  /** Content bytes in this node itself. */
  inline: Uint8Array
  /** Children in file order, each with the content bytes that this node says it has. */
  children: { cid: CID; bytes: number }[]
  /** Content bytes of the whole. */
  bytes: number
}

export interface DirectoryNode {
  kind: 'directory'
  entries: { name: string; cid: CID; /** Bytes of the whole DAG as claimed. */ claimed: number }[]
}

export interface OtherNode { kind: 'other'; type: string }

function size(value: bigint | number, cid: CID): number {
  const number = Number(value)
  if (!Number.isSafeInteger(number) || number < 0) throw new MalformedDagError(cid.toString(), `a size of ${String(value)} bytes`)
  return number
}

/** @throws MalformedDagError when the block is no sound UnixFS node. */
export function parseNode(cid: CID, block: Uint8Array): FileNode | DirectoryNode | OtherNode {
  let node: dagPb.PBNode
  let unixfs: UnixFS
  try {
    node = dagPb.decode(block)
    unixfs = UnixFS.unmarshal(node.Data ?? new Uint8Array())
  } catch (cause) {
    throw new MalformedDagError(cid.toString(), `it is no UnixFS node (${cause instanceof Error ? cause.message : String(cause)})`)
  }
  const links = node.Links.map(link => ({ ...link, Hash: usableCid(link.Hash) }))
  if (unixfs.type === 'directory') {
    return {
      kind: 'directory',
      entries: links.map(link => ({ name: link.Name ?? '', cid: link.Hash, claimed: size(link.Tsize ?? 0, cid) })),
    }
  }
  if (unixfs.type !== 'file' && unixfs.type !== 'raw') return { kind: 'other', type: unixfs.type }
  if (unixfs.blockSizes.length !== links.length) {
    throw new MalformedDagError(cid.toString(), `${links.length} links but ${unixfs.blockSizes.length} sizes`)
  }
  const children = links.map((link, index) => ({ cid: link.Hash, bytes: size(unixfs.blockSizes[index]!, cid) }))
  const inline = unixfs.data ?? new Uint8Array()
  return {
    kind: 'file', inline, children,
    bytes: children.reduce((sum, child) => sum + child.bytes, inline.byteLength),
  }
}
