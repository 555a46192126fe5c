import type { ArenaNode } from '../arenaNode.ts'
import { rawCid } from '../cid.ts'
import { TooLargeError } from '../errors.ts'
import { MAX_BLOCK_BYTES } from '../protocols.ts'

/**
 * Keeps bytes as a single raw block, as a task spec is published.
 * @returns its CID (codec raw).
 * @throws TooLargeError above {@link MAX_BLOCK_BYTES}.
 */
export async function addBlock(node: Pick<ArenaNode, 'helia'>, bytes: Uint8Array): Promise<string> {
  const cid = await rawCid(bytes)
  if (bytes.byteLength > MAX_BLOCK_BYTES) throw new TooLargeError(cid.toString(), bytes.byteLength, MAX_BLOCK_BYTES)
  await node.helia.blockstore.put(cid, bytes)
  return cid.toString()
}
