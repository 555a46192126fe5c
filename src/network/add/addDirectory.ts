import { importer } from 'ipfs-unixfs-importer'
import type { ArenaNode } from '../arenaNode.ts'
import { NotADirectoryError } from '../errors.ts'
import { contentPieces, type AddOptions, type FileContent } from './addFile.ts'
import { LAYOUT } from './layout.ts'

/**
 * Adds a flat folder of files to this node's store, e.g. a PEFT adapter's
 * `adapter_config.json` and `adapter_model.safetensors`.
 *
 * @param files Content by plain file name; the order does not matter.
 * @returns the directory's CID (dag-pb), the same at every peer for the same files.
 */
export async function addDirectory(
  node: Pick<ArenaNode, 'helia'>, files: Record<string, FileContent>, options: AddOptions = {},
): Promise<string> {
  const names = Object.keys(files).sort()
  const bad = names.find(name => name === '' || name === '.' || name === '..' || /[/\\\0]/.test(name))
  if (names.length === 0 || bad !== undefined) {
    throw new NotADirectoryError('The folder to add', bad === undefined ? 'it is empty' : `"${bad}" is no plain file name`)
  }
  const source = names.map(name => ({ path: name, content: contentPieces(files[name]!, options) }))
  let root = ''
  for await (const entry of importer(source, node.helia.blockstore, { ...LAYOUT, wrapWithDirectory: true })) {
    root = entry.cid.toString()
  }
  return root
}

/** Content bytes of a folder, as `announce` tells them. */
export function contentBytes(files: object): number {
  return Object.values(files as Record<string, Uint8Array>).reduce((sum, { byteLength }) => sum + byteLength, 0)
}
