import * as raw from 'multiformats/codecs/raw'
import type { CID } from 'multiformats/cid'
import { NotADirectoryError, TooLargeError } from '../errors.ts'
import { MAX_BLOCK_BYTES } from '../protocols.ts'
import type { BlockFetcher } from './blockFetcher.ts'
import { planFile, type FilePlan } from './planFile.ts'
import { parseNode } from './unixfs.ts'

const MAX_ENTRIES = 256
const NAME = /^(?!\.{1,2}$)[^/\\\0]{1,255}$/

export interface DirectoryPlan {
  /** Plain file names, all different; `files` has their plans in the same order. */
  names: string[]
  files: FilePlan[]
}

/**
 * The files of a flat directory and the blocks they consist of.
 * @throws NotADirectoryError, TooLargeError, and what {@link planFile} throws.
 */
export async function planDirectory(fetcher: BlockFetcher, root: CID, maxBytes: number): Promise<DirectoryPlan> {
  const cid = root.toString()
  if (root.code === raw.code) throw new NotADirectoryError(cid, 'it is one raw block')
  const directory = parseNode(root, (await fetcher.fetch(root, MAX_BLOCK_BYTES)).bytes)
  if (directory.kind !== 'directory') {
    throw new NotADirectoryError(cid, `it is a ${directory.kind === 'other' ? directory.type : directory.kind}`)
  }
  const { entries } = directory
  if (entries.length > MAX_ENTRIES) throw new NotADirectoryError(cid, `it has ${entries.length} entries, at most ${MAX_ENTRIES} are read`)
  const names = entries.map(entry => entry.name)
  const bad = names.find((name, index) => !NAME.test(name) || names.indexOf(name) !== index)
  if (bad !== undefined) throw new NotADirectoryError(cid, `"${bad.slice(0, 80)}" is not usable as a file name, or is there twice`)
  const files: FilePlan[] = []
  let left = maxBytes
  for (const entry of entries) {
    const file = await planFile(fetcher, entry.cid, left, entry.claimed)
    left -= file.bytes ?? 0
    if (left < 0) throw new TooLargeError(cid, maxBytes - left, maxBytes)
    files.push(file)
  }
  return { names, files }
}
