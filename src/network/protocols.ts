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

/** Largest block that is made or taken, in bytes. Bitswap's limit is 4 MiB a message. */
export const MAX_BLOCK_BYTES = 2 * 1024 * 1024
/** Largest announcement in bytes. */
export const MAX_ANNOUNCEMENT_BYTES = 2048

/** Bitswap for blocks of 1 MiB on slow links: its default of 10 s a message gives up too early. */
export const BITSWAP: BitswapOptions = {
  messageSendTimeout: 60_000,
  messageReceiveTimeout: 60_000,
  sendBlocksTimeout: 60_000,
  incomingStreamTimeout: 60_000,
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
