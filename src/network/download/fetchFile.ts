import type { ArenaNode } from '../arenaNode.ts'
import { parseCid } from '../cid.ts'
import { concatenate } from './blocks.ts'
import { planFile } from './planFile.ts'
import { runTransfer, type FetchOptions } from './runTransfer.ts'

/**
 * A file (UnixFS or one raw block) by its CID, from this node's store and from
 * peers. Its blocks are kept, so a second call after a reload goes on where the
 * first one ended.
 *
 * @throws NotFoundAtAnyPeerError, TooLargeError, NotAFileError, CorruptBlockError,
 *   MalformedDagError, UnusableCidError; the signal's reason when aborted.
 */
export async function fetchFile(node: ArenaNode, cid: string, options: FetchOptions): Promise<Uint8Array> {
  const root = parseCid(cid)
  const pieces: Uint8Array[] = []
  await runTransfer(node, root, options, async fetcher => [await planFile(fetcher, root, options.maxBytes)],
    (_file, piece, bytes) => {
      pieces[piece] = bytes
    })
  return concatenate(pieces)
}
