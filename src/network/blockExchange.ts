/**
 * Asking one named peer for one block, over bitswap 1.2.
 *
 * `@helia/bitswap` serves our blocks and speaks the wire format. Its own client
 * is not used: it never sends a cancel, and a peer that has once answered "I do
 * not have it", or whose answer was lost, does not answer the same want again,
 * so a single lost message hangs it for good (measured). Its public interface
 * has neither a want addressed to one peer nor want-have, therefore this file,
 * and no other, reaches for the running instance's network and want list.
 */
import type { HeliaWithLibp2p } from '@helia/libp2p'
import type { PeerId, ServiceMap } from '@libp2p/interface'
import { base64 } from 'multiformats/bases/base64'
import type { CID } from 'multiformats/cid'
import { digestKey } from './cid.ts'
import { NetworkError } from './errors.ts'

/** How a peer answered a want. */
export type Answer = 'block' | 'have' | 'dont-have' | 'silence' | 'gone' | 'corrupt'

export interface BlockArrival {
  cid: CID
  bytes: Uint8Array
  peer: string
}

export interface BlockExchange {
  /**
   * Asks a peer for a block. Its bytes, already hashed, come through
   * {@link onBlock}; the answer here only says how it went.
   */
  ask(peer: PeerId, cid: CID, options: { signal?: AbortSignal; timeout: number }): Promise<Answer>
  /** Asks a peer whether it holds a block. Small blocks may come at once. */
  askPresence(peer: PeerId, cid: CID, options: { signal?: AbortSignal; timeout: number }): Promise<Answer>
  /** Every block that arrives, under the CID that its bytes have. Returns the way to end it. */
  onBlock(callback: (arrival: BlockArrival) => void): () => void
  /** Bytes of blocks received so far. */
  readonly received: number
}

interface WantEntry {
  cid: Uint8Array
  priority: number
  cancel: boolean
  wantType: 'WantBlock' | 'WantHave'
  sendDontHave: boolean
}

interface OutgoingMessage {
  full: boolean
  pendingBytes: number
  wantlist: Map<string, WantEntry>
  blocks: Map<string, never>
  blockPresences: Map<string, never>
}

interface Presence { sender: PeerId; cid: CID; has: boolean; block?: Uint8Array }

interface BitswapParts {
  network: { sendMessage(peer: PeerId, message: OutgoingMessage, options: { signal?: AbortSignal }): Promise<void> }
  wantList: { addEventListener(type: 'presence', listener: (event: CustomEvent<Presence>) => void): void }
}

/** Digests remembered as asked for; a block outside them is a peer's lie or its push. */
const REMEMBERED = 8192

function bitswapParts(helia: object): BitswapParts {
  const brokers = (helia as { blockBrokers?: { name: string; bitswap?: Partial<BitswapParts> }[] }).blockBrokers
  const bitswap = brokers?.find(broker => broker.name === 'bitswap')?.bitswap
  if (!bitswap?.network || !bitswap.wantList) {
    throw new NetworkError('The installed @helia/bitswap is not the one that this program was written for.',
      'Install the versions of the lock file: npm ci.')
  }
  return bitswap as BitswapParts
}

interface Waiter {
  peer: string
  digest: string
  /** Whether another peer's block answers it too: so for a block, but not for the question who has it. */
  fromAnyone: boolean
  settle: (answer: Answer) => void
}

/** The exchange of a started helia node. */
export function createBlockExchange<M extends ServiceMap>(helia: HeliaWithLibp2p<M>): BlockExchange {
  const { network, wantList } = bitswapParts(helia)
  const waiters = new Set<Waiter>()
  const callbacks = new Set<(arrival: BlockArrival) => void>()
  const asked = new Set<string>()
  let received = 0

  wantList.addEventListener('presence', ({ detail }) => {
    const peer = detail.sender.toString()
    const digest = digestKey(detail.cid)
    if (detail.block) {
      received += detail.block.byteLength
      if (!asked.has(digest)) {
        // The hash is computed from the bytes, so wrong bytes arrive as a block nobody asked for.
        for (const waiter of [...waiters]) if (waiter.peer === peer) waiter.settle('corrupt')
        return
      }
      for (const callback of [...callbacks]) callback({ cid: detail.cid, bytes: detail.block, peer })
    }
    for (const waiter of [...waiters]) {
      if (waiter.digest !== digest) continue
      if (detail.block && (waiter.fromAnyone || waiter.peer === peer)) waiter.settle('block')
      else if (waiter.peer === peer) waiter.settle(detail.has ? 'have' : 'dont-have')
    }
  })
  helia.libp2p.addEventListener('peer:disconnect', ({ detail }) => {
    const peer = detail.toString()
    for (const waiter of [...waiters]) if (waiter.peer === peer) waiter.settle('gone')
  })

  function send(peer: PeerId, cid: CID, wantType: WantEntry['wantType'], cancel: boolean, signal?: AbortSignal): Promise<void> {
    const entry: WantEntry = { cid: cid.bytes, priority: 1, cancel, wantType, sendDontHave: !cancel }
    return network.sendMessage(peer, {
      full: false, pendingBytes: 0, blocks: new Map<string, never>(), blockPresences: new Map<string, never>(),
      wantlist: new Map([[base64.encode(cid.multihash.bytes), entry]]),
    }, signal ? { signal } : {})
  }

  async function want(
    peer: PeerId, cid: CID, wantType: WantEntry['wantType'], { signal, timeout }: { signal?: AbortSignal; timeout: number },
  ): Promise<Answer> {
    signal?.throwIfAborted()
    const digest = digestKey(cid)
    asked.add(digest)
    if (asked.size > REMEMBERED) asked.delete(asked.values().next().value!)
    const { promise, resolve } = Promise.withResolvers<Answer>()
    const waiter: Waiter = {
      peer: peer.toString(), digest, fromAnyone: wantType === 'WantBlock',
      // A peer that says "have" to a want for the block sends the block next.
      settle: answer => (answer === 'have' && wantType === 'WantBlock') || resolve(answer),
    }
    const stop = () => resolve('silence')
    const timer = setTimeout(stop, timeout)
    signal?.addEventListener('abort', stop)
    waiters.add(waiter)
    try {
      await Promise.race([
        promise,
        send(peer, cid, wantType, false, AbortSignal.timeout(timeout)).catch(() => resolve('gone')),
      ])
      const answer = await promise
      // Without the cancel the peer keeps the want and stays silent when it is asked again.
      if (answer === 'dont-have' || answer === 'silence' || answer === 'corrupt') {
        send(peer, cid, wantType, true, AbortSignal.timeout(5000)).catch(() => undefined)
      }
      signal?.throwIfAborted()
      return answer
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', stop)
      waiters.delete(waiter)
    }
  }

  return {
    ask: (peer, cid, options) => want(peer, cid, 'WantBlock', options),
    askPresence: (peer, cid, options) => want(peer, cid, 'WantHave', options),
    onBlock(callback) {
      callbacks.add(callback)
      return () => callbacks.delete(callback)
    },
    get received() {
      return received
    },
  }
}
