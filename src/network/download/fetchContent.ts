import * as raw from 'multiformats/codecs/raw'
import type { ArenaNode } from '../arenaNode.ts'
import { parseCid } from '../cid.ts'
import { MAX_BLOCK_BYTES } from '../protocols.ts'
import { planDirectory } from './planDirectory.ts'
import { planFile } from './planFile.ts'
import { runTransfer, type FetchOptions } from './runTransfer.ts'
import { parseNode } from './unixfs.ts'

/**
 * Takes a file or a flat directory into this node's store, so that it can be
 * pinned; nothing of it stays in memory.
 *
 * @returns content bytes.
 * @throws as `fetchFile` and `fetchDirectory`.
 */
export async function fetchContent(node: ArenaNode, cid: string, options: FetchOptions): Promise<number> {
  const root = parseCid(cid)
  return await runTransfer(node, root, options, async fetcher => {
    const isFile = root.code === raw.code || parseNode(root, (await fetcher.fetch(root, MAX_BLOCK_BYTES)).bytes).kind !== 'directory'
    return isFile ? [await planFile(fetcher, root, options.maxBytes)] : (await planDirectory(fetcher, root, options.maxBytes)).files
  }, () => undefined)
}
