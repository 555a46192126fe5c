/**
 * Pins: what this node promises to keep. Everything else that it fetched or
 * added goes when `collectGarbage` is called.
 */
import type { AddOptions, GetOfflineOptions, RmOptions } from '@helia/interface'
import type { ArenaNode } from './arenaNode.ts'
import { parseCid } from './cid.ts'
import { NotHeldHereError } from './errors.ts'

type PinNode = Pick<ArenaNode, 'helia'>

export interface Pin {
  cid: string
  /** What the person calls it. */
  label: string
  /** Content bytes as told when it was pinned; 0 when unknown. */
  bytes: number
  /** Unix milliseconds when it was pinned. */
  pinnedAt: number
}

/**
 * Pins a CID that is held completely; does nothing when it is pinned already.
 * @throws NotHeldHereError when a block is missing: fetch it first.
 */
export async function pin({ helia }: PinNode, cid: string, { label = '', bytes = 0 }: { label?: string; bytes?: number } = {}): Promise<void> {
  const root = parseCid(cid)
  try {
    const metadata = { label: label.slice(0, 200), bytes, pinnedAt: Date.now() }
    const walk: AddOptions & GetOfflineOptions = { offline: true, metadata }
    for await (const _ of helia.pins.add(root, walk)) { /* walked */ }
  } catch (error) {
    if (error instanceof Error && error.name === 'AlreadyPinnedError') return
    throw new NotHeldHereError(cid)
  }
}

/** Takes a pin away; does nothing when there is none. */
export async function unpin({ helia }: PinNode, cid: string): Promise<void> {
  const root = parseCid(cid)
  try {
    const walk: RmOptions & GetOfflineOptions = { offline: true }
    for await (const _ of helia.pins.rm(root, walk)) { /* walked */ }
  } catch (error) {
    if (!(error instanceof Error && error.name === 'NotFoundError')) throw error
  }
}

export async function isPinned({ helia }: PinNode, cid: string): Promise<boolean> {
  return await helia.pins.isPinned(parseCid(cid))
}

/** Every pin of this node. */
export async function listPins({ helia }: PinNode): Promise<Pin[]> {
  const pins: Pin[] = []
  for await (const { cid, metadata } of helia.pins.ls()) {
    const { label, bytes, pinnedAt } = metadata
    pins.push({ cid: cid.toString(), label: String(label ?? ''), bytes: Number(bytes ?? 0), pinnedAt: Number(pinnedAt ?? 0) })
  }
  return pins.sort((a, b) => b.pinnedAt - a.pinnedAt)
}

/** Deletes the blocks that no pin covers. */
export async function collectGarbage({ helia }: PinNode): Promise<void> {
  await helia.gc()
}
