import type { ArenaNode } from '../arenaNode.ts'
import { parseCid } from '../cid.ts'
import { concatenate } from './blocks.ts'
import { planDirectory } from './planDirectory.ts'
import { runTransfer, type FetchOptions } from './runTransfer.ts'

/**
 * A flat directory by its CID: each file's bytes under its name.
 *
 * @throws NotADirectoryError when it is something else, holds directories or
 *   has unusable names; otherwise as `fetchFile`. `maxBytes` holds for all files together.
 */
export async function fetchDirectory(node: ArenaNode, cid: string, options: FetchOptions): Promise<Record<string, Uint8Array>> {
  const root = parseCid(cid)
  let names: string[] = []
  const content: Uint8Array[][] = []
  await runTransfer(node, root, options, async fetcher => {
    const plan = await planDirectory(fetcher, root, options.maxBytes)
    names = plan.names
    return plan.files
  }, (file, piece, bytes) => {
    (content[file] ??= [])[piece] = bytes
  })
  // No prototype: a stranger may call a file `__proto__`.
  const files = Object.create(null) as Record<string, Uint8Array>
  for (const [index, name] of names.entries()) files[name] = concatenate(content[index] ?? [])
  return files
}
