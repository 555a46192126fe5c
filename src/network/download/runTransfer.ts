import type { CID } from 'multiformats/cid'
import type { Progress } from '../../../workers/protocol.ts'
import type { ArenaNode } from '../arenaNode.ts'
import { usableCid } from '../cid.ts'
import { MalformedDagError } from '../errors.ts'
import { MAX_BLOCK_BYTES } from '../protocols.ts'
import { createBlockFetcher, type BlockFetcher } from './blockFetcher.ts'
import type { FilePlan } from './planFile.ts'
import { BLOCK, type Transfer } from './transfer.ts'

export interface FetchOptions {
  /** Most content bytes to take; more is refused with TooLargeError. */
  maxBytes: number
  signal?: AbortSignal
  onProgress?: (progress: Progress) => void
  /** Milliseconds without a single new block after which to give up; 60 s when absent. */
  timeout?: number
  /** Task on whose topic to ask for holders. */
  taskId?: string
}

const TIMEOUT = 60_000
const IN_FLIGHT = 8
const PICTURE_EVERY = 150
/** Span over which the rate is measured, ms. */
const RATE_SPAN = 4000

/**
 * Runs one download: plans it, fetches its leaves in order about eight at a
 * time, and keeps its picture on the node's transfer board.
 *
 * @param keep What becomes of each piece's bytes: (file, piece, bytes).
 * @returns content bytes in all.
 */
export async function runTransfer(
  node: ArenaNode, root: CID, options: FetchOptions, plan: (fetcher: BlockFetcher) => Promise<FilePlan[]>,
  keep: (file: number, piece: number, bytes: Uint8Array) => void,
): Promise<number> {
  usableCid(root)
  options.signal?.throwIfAborted()
  const fetcher = createBlockFetcher(node, root, { ...options, timeout: options.timeout ?? TIMEOUT })
  const cid = root.toString()
  const peers = new Map<string, number>()
  const samples: { at: number; received: number }[] = []
  let received = 0
  let done = 0
  let total = 0
  let blocks = new Uint8Array()
  let shown: Transfer | null = null

  function show(status: Transfer['status'], error?: string): void {
    const now = Date.now()
    samples.push({ at: now, received })
    while (samples.length > 2 && samples[0]!.at < now - RATE_SPAN) samples.shift()
    const span = now - samples[0]!.at
    const rate = span > 0 ? (received - samples[0]!.received) / span * 1000 : 0
    const next: Transfer = {
      cid, status, done, total, rate, blocks: blocks.slice(),
      peers: [...peers].map(([id, bytes]) => ({ id, bytes })), ...(error === undefined ? {} : { error }),
    }
    node.transfers.put(shown, next)
    shown = next
    options.onProgress?.({
      done, total, unit: 'bytes', rate, millisecondsLeft: rate > 0 ? (total - done) / rate * 1000 : null,
    })
  }

  show('looking')
  const timer = setInterval(() => show(total > 0 ? 'running' : 'looking'), PICTURE_EVERY)
  try {
    const files = await plan(fetcher)
    const leaves = files.flatMap((file, index) => file.pieces.map((piece, at) => ({ piece, file: index, at })))
    total = files.reduce((sum, file) => sum + (file.bytes ?? 0), 0)
    blocks = new Uint8Array(leaves.length)
    let next = 0

    async function work(): Promise<void> {
      for (let index = next++; index < leaves.length; index = next++) {
        const { piece, file, at } = leaves[index]!
        if ('inline' in piece) {
          keep(file, at, piece.inline)
          blocks[index] = BLOCK.received
          done += piece.inline.byteLength
          continue
        }
        const block = await fetcher.fetch(piece.cid, piece.bytes ?? Math.min(options.maxBytes, MAX_BLOCK_BYTES), () => {
          blocks[index] = BLOCK.asked
        })
        if (piece.bytes !== null && block.bytes.byteLength !== piece.bytes) {
          throw new MalformedDagError(piece.cid.toString(), `${block.bytes.byteLength} bytes where its parent says ${piece.bytes}`)
        }
        keep(file, at, block.bytes)
        blocks[index] = block.from === null ? BLOCK.held : BLOCK.received
        done += block.bytes.byteLength
        if (piece.bytes === null) total += block.bytes.byteLength
        if (block.from !== null) {
          received += block.bytes.byteLength
          peers.set(block.from, (peers.get(block.from) ?? 0) + block.bytes.byteLength)
        }
      }
    }
    await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, leaves.length) }, work))
    show('done')
    return done
  } catch (error) {
    show(options.signal?.aborted ? 'cancelled' : 'failed', error instanceof Error ? error.message : String(error))
    throw error
  } finally {
    clearInterval(timer)
    fetcher.close()
  }
}
