/**
 * Fetches blocks one by one from whoever has them, several at a time: blocks
 * already held are not asked for, an unanswered want goes to another peer, a
 * block that comes late still counts, new peers are used as they connect.
 */
import { peerIdFromString } from '@libp2p/peer-id'
import type { CID } from 'multiformats/cid'
import type { ArenaNode } from '../arenaNode.ts'
import { digestKey } from '../cid.ts'
import { CorruptBlockError, NotFoundAtAnyPeerError, TooLargeError } from '../errors.ts'
import { MAX_BLOCK_BYTES } from '../protocols.ts'
import { isDirect } from '../state.ts'
import { heldBlock } from './blocks.ts'
import { findHolders } from './findHolders.ts'
import { PeerChoice } from './peerChoice.ts'

export interface FetchedBlock {
  bytes: Uint8Array
  /** The peer that sent it; null when it was held already. */
  from: string | null
}

export interface BlockFetcher {
  /**
   * One block, from the store or from a peer; kept in the store.
   * @param maxBytes The most bytes it may have.
   * @param onAsk Called when a peer is asked.
   * @throws NotFoundAtAnyPeerError after `timeout` ms in which no block of this download came.
   */
  fetch(cid: CID, maxBytes: number, onAsk?: () => void): Promise<FetchedBlock>
  /** Peers that were asked for something. */
  readonly asked: number
  close(): void
}

const SEARCH_EVERY = 4000
const LOOK_EVERY = 250

export function createBlockFetcher(
  node: ArenaNode, root: CID, options: { signal?: AbortSignal; timeout: number; taskId?: string },
): BlockFetcher {
  const { exchange, helia: { libp2p, blockstore } } = node
  const choice = new PeerChoice()
  const closed = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, closed.signal]) : closed.signal
  const wanted = new Map<string, (block: FetchedBlock) => void>()
  const fetching = new Map<string, Promise<FetchedBlock>>()
  let lastProgress = Date.now()
  let lastSearch = 0

  const stopListening = exchange.onBlock(({ cid, bytes, peer }) => {
    const resolve = wanted.get(digestKey(cid))
    if (!resolve) return
    lastProgress = Date.now()
    choice.gave(peer)
    resolve({ bytes, from: peer })
  })

  function connectedPeers(): string[] {
    return [...new Set(libp2p.getConnections().filter(isDirect).map(connection => connection.remotePeer.toString()))]
  }

  function search(): void {
    if (Date.now() - lastSearch < SEARCH_EVERY) return
    lastSearch = Date.now()
    if (options.taskId !== undefined) node.announcements.ask(options.taskId, root.toString())
    findHolders(node, root, signal).catch(() => undefined)
  }

  async function askAround(cid: CID, isDone: () => boolean, onAsk?: () => void): Promise<void> {
    const digest = digestKey(cid)
    while (!isDone()) {
      signal.throwIfAborted()
      const left = lastProgress + options.timeout - Date.now()
      if (left <= 0) {
        const liar = choice.banned[0]
        if (liar !== undefined) throw new CorruptBlockError(cid.toString(), liar)
        throw new NotFoundAtAnyPeerError(root.toString(), choice.asked, Math.round(options.timeout / 1000))
      }
      const connected = connectedPeers()
      const peer = choice.choose(connected, digest)
      if (peer === null) {
        if (!choice.isPromising(connected, digest)) search()
        await new Promise(resolve => setTimeout(resolve, LOOK_EVERY))
        continue
      }
      choice.begin(peer)
      onAsk?.()
      const started = Date.now()
      try {
        const answer = await exchange.ask(peerIdFromString(peer), cid, { signal, timeout: Math.min(choice.wait(peer), left) })
        if (answer === 'block') choice.took(peer, Date.now() - started)
        else if (answer === 'dont-have' || answer === 'gone') choice.missed(peer, digest)
        else if (answer === 'silence') choice.silent(peer)
        else if (answer === 'corrupt') choice.ban(peer)
      } finally {
        choice.end(peer)
      }
    }
  }

  async function fetch(cid: CID, maxBytes: number, onAsk?: () => void): Promise<FetchedBlock> {
    const held = await heldBlock(node, cid)
    if (held) return { bytes: held, from: null }
    const digest = digestKey(cid)
    let arrived: FetchedBlock | null = null
    wanted.set(digest, block => {
      arrived ??= block
    })
    try {
      await askAround(cid, () => arrived !== null, onAsk)
    } finally {
      wanted.delete(digest)
    }
    const block = arrived! as FetchedBlock
    const limit = Math.min(maxBytes, MAX_BLOCK_BYTES)
    if (block.bytes.byteLength > limit) throw new TooLargeError(cid.toString(), block.bytes.byteLength, limit)
    await blockstore.put(cid, block.bytes)
    return block
  }

  return {
    get asked() {
      return choice.asked
    },
    fetch(cid, maxBytes, onAsk) {
      const digest = digestKey(cid)
      // A file may hold the same chunk many times.
      const running = fetching.get(digest) ?? fetch(cid, maxBytes, onAsk).finally(() => fetching.delete(digest))
      fetching.set(digest, running)
      return running
    },
    close() {
      closed.abort()
      stopListening()
    },
  }
}
