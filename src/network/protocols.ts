/**
 * What a tab and a relay have to agree on: names, limits, and the settings of
 * the protocols that both speak.
 */
import { gossipsub } from '@libp2p/gossipsub'
import { peerRoutingSymbol } from '@libp2p/interface'
import { kadDHT, passthroughMapper, type KadDHT, type KadDHTComponents } from '@libp2p/kad-dht'
import type { BitswapOptions } from '@helia/bitswap'

/** Where peers tell each other their addresses. */
export const DISCOVERY_TOPIC = 'lanista/1/peers'
/** Announcements of one task go to this prefix and the task's id. */
export const TASK_TOPIC_PREFIX = 'lanista/1/task/'
/** Our own DHT: provider records of adapters are of no use to the public one, nor its to us. */
export const DHT_PROTOCOL = '/lanista/kad/1.0.0'

/** Largest block that is made or taken, in bytes: a chunk of 1 MiB, or an inner node. */
export const MAX_BLOCK_BYTES = 1024 * 1024 + 64 * 1024
/** Largest message on a task's topic in bytes: a reveal of 256 items. */
export const MAX_ANNOUNCEMENT_BYTES = 3072

/** Bitswap for blocks of 1 MiB on slow links: its default of 10 s a message gives up too early. */
export const BITSWAP: BitswapOptions = {
  messageSendTimeout: 60_000,
  messageReceiveTimeout: 60_000,
  sendBlocksTimeout: 60_000,
  incomingStreamTimeout: 60_000,
  // One block a message: libp2p's buffers take time with the square of a message's
  // size (one of 4 MiB took 3.3 s where four of 1 MiB take 0.4 s). A block above
  // this limit would make bitswap loop, so it has to exceed MAX_BLOCK_BYTES.
  maxOutgoingMessageSize: MAX_BLOCK_BYTES + 16 * 1024,
  // Other implementations pack up to 4 MiB.
  maxIncomingMessageSize: 4 * 1024 * 1024 + 64 * 1024,
  // Each want queues one send; beyond the default of 10 wants are dropped without a word.
  sendBlocksMaxQueueLength: 256,
}

/** Gossipsub as tabs and relays run it. */
export function gossip() {
  return gossipsub({
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    maxInboundDataLength: 64 * 1024,
    // Many peers behind one address (a lab, a household, a test) would silence each other.
    scoreParams: { IPColocationFactorWeight: 0 },
  })
}

/**
 * The DHT for provider records: relays serve it, tabs ask it. It is kept from
 * libp2p's peer routing: the relay transport would walk the DHT without pause
 * for as long as one listed relay is down.
 */
export function providerRecords(mode: 'client' | 'server'): (components: KadDHTComponents) => KadDHT {
  return components => {
    const dht = kadDHT({ protocol: DHT_PROTOCOL, clientMode: mode === 'client', peerInfoMapper: passthroughMapper })(components)
    return Object.defineProperty(dht, peerRoutingSymbol, { value: undefined })
  }
}
