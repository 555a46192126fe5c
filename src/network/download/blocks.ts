import type { CID } from 'multiformats/cid'
import type { ArenaNode } from '../arenaNode.ts'
import { matchesCid } from '../cid.ts'

/** A block of this node's own store, its hash checked; null where it is missing or broken. */
export async function heldBlock({ helia }: Pick<ArenaNode, 'helia'>, cid: CID): Promise<Uint8Array | null> {
  if (!await helia.blockstore.has(cid)) return null
  const parts: Uint8Array[] = []
  try {
    for await (const part of helia.blockstore.get(cid, { offline: true })) parts.push(part)
  } catch {
    return null
  }
  const bytes = parts.length === 1 ? parts[0]! : concatenate(parts)
  return await matchesCid(cid, bytes) ? bytes : null
}

export function concatenate(parts: Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0))
  let offset = 0
  for (const part of parts) {
    all.set(part, offset)
    offset += part.byteLength
  }
  return all
}
