import * as raw from 'multiformats/codecs/raw'
import type { ArenaNode } from '../arenaNode.ts'
import { parseCid } from '../cid.ts'
import { MAX_BLOCK_BYTES } from '../protocols.ts'
import { planDirectory } from './planDirectory.ts'
import { planFile } from './planFile.ts'
import { runTransfer, type FetchOptions } from './runTransfer.ts'
import { parseNode } from './unixfs.ts'

/**
 * A large file or flat directory by its CID, as Blobs, which browsers keep on
 * disk: nothing of it stays in the page's memory.
 *
 * @returns content by file name; a single file's name is empty.
 * @throws as `fetchFile` and `fetchDirectory`.
 */
export async function fetchBlobs(node: ArenaNode, cid: string, options: FetchOptions): Promise<Map<string, Blob>> {
  const root = parseCid(cid)
  let names = ['']
  const pieces: Blob[][] = []
  await runTransfer(node, root, options, async fetcher => {
    const isFile = root.code === raw.code || parseNode(root, (await fetcher.fetch(root, MAX_BLOCK_BYTES)).bytes).kind !== 'directory'
    if (isFile) return [await planFile(fetcher, root, options.maxBytes)]
    const plan = await planDirectory(fetcher, root, options.maxBytes)
    names = plan.names
    return plan.files
  }, (file, piece, bytes) => {
    (pieces[file] ??= [])[piece] = new Blob([bytes as Uint8Array<ArrayBuffer>])
  })
  return new Map(names.map((name, file) => [name, new Blob(pieces[file] ?? [])]))
}
