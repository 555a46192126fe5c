/**
 * A relay and pinner: lets tabs find and signal each other, keeps provider
 * records, and holds what tasks announce so that it outlives the tab.
 */
import { withBitswap } from '@helia/bitswap'
import { withLibp2pLight } from '@helia/libp2p'
import { circuitRelayServer } from '@libp2p/circuit-relay-v2'
import { loadOrCreateSelfKey } from '@libp2p/config'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { MemoryBlockstore } from 'blockstore-core'
import { FsBlockstore } from 'blockstore-fs'
import { MemoryDatastore } from 'datastore-core'
import { FsDatastore } from 'datastore-fs'
import { createHeliaLight } from 'helia'
import { join } from 'node:path'
import { assembleNode, type ArenaNode } from '../../src/network/arenaNode.ts'
import { ByteMeter } from '../../src/network/byteMeter.ts'
import { BITSWAP, gossip, providerRecords } from '../../src/network/protocols.ts'
import { startPinner, type Pinner } from './pinner.ts'
import { startStun } from './stun.ts'

export interface RelayOptions {
  /** Address to listen on; 127.0.0.1 when absent. */
  host?: string
  /** TCP port; any free one when absent or 0. */
  port?: number
  /** Folder for blocks, pins and the identity; all in memory when absent. */
  store?: string
  /** Largest content to pin on announcement, bytes; 64 MiB when absent. */
  maxBytes?: number
  /** Bytes that all announced pins may take together; 4 GiB when absent. */
  maxTotalBytes?: number
  /** CIDs to pin from the start, whoever has them. */
  pins?: string[]
  /** Multiaddrs under which others reach it, e.g. of a TLS proxy: `/dns4/relay.example/tcp/443/tls/ws`. */
  announce?: string[]
  /** Other relays to stay connected with. */
  relays?: string[]
  onLog?: (line: string) => void
}

export interface Relay {
  /** Multiaddrs with the peer id, for pages and the registry. */
  addresses: string[]
  /** The node, for `addFile`, `addDirectory`, `pin` and the rest of `src/network`. */
  node: ArenaNode
  pinner: Pinner
  stop(): Promise<void>
}

/** Tabs that may hold a reservation at the same time. */
const RESERVATIONS = 1024
/** Signalling only: a relayed connection ends after this, and WebRTC has long taken over. */
const RELAYED_BYTES = 128n * 1024n
const RELAYED_MS = 120_000
const MAX_CONNECTIONS = 2048
const MIRRORED_TOPICS = 1000

export async function startRelay(options: RelayOptions = {}): Promise<Relay> {
  const blockstore = options.store === undefined ? new MemoryBlockstore() : new FsBlockstore(join(options.store, 'blocks'))
  const datastore = options.store === undefined ? new MemoryDatastore() : new FsDatastore(join(options.store, 'data'))
  if (blockstore instanceof FsBlockstore) await blockstore.open()
  if (datastore instanceof FsDatastore) await datastore.open()
  const meter = new ByteMeter()

  const helia = withBitswap(withLibp2pLight(createHeliaLight({ blockstore, datastore }), {
    privateKey: await loadOrCreateSelfKey(datastore),
    metrics: () => meter,
    addresses: {
      listen: [`/ip4/${options.host ?? '127.0.0.1'}/tcp/${options.port ?? 0}/ws`],
      ...(options.announce ? { announce: options.announce } : {}),
    },
    transports: [webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: { denyDialMultiaddr: () => false },
    // Many tabs come from one address: a household, a lab, a test.
    connectionManager: { maxConnections: MAX_CONNECTIONS, inboundConnectionThreshold: 200, maxIncomingPendingConnections: 200 },
    services: {
      identify: identify(), ping: ping(), pubsub: gossip(), dht: providerRecords('server'),
      relay: circuitRelayServer({
        reservations: {
          maxReservations: RESERVATIONS, applyDefaultLimit: true,
          defaultDataLimit: RELAYED_BYTES, defaultDurationLimit: RELAYED_MS,
        },
      }),
    },
  }), BITSWAP)

  async function release(): Promise<void> {
    if (blockstore instanceof FsBlockstore) await blockstore.close()
    if (datastore instanceof FsDatastore) await datastore.close()
  }
  try {
    await helia.start()
  } catch (error) {
    await release()
    throw error
  }
  const node = assembleNode(helia, meter, options.relays ?? [], release)
  node.announcements.mirrorTopics(MIRRORED_TOPICS)
  const pinner = startPinner(node, {
    maxBytes: options.maxBytes ?? 64 * 1024 * 1024,
    maxTotalBytes: options.maxTotalBytes ?? 4 * 1024 ** 3,
    pins: options.pins ?? [],
    onLog: options.onLog ?? (() => undefined),
  })
  const addresses = helia.libp2p.getMultiaddrs().map(String)
  const port = options.port || Number(/\/tcp\/(\d+)\/ws/.exec(addresses[0] ?? '')?.[1] ?? 0)
  const stopStun = await startStun(options.host ?? '127.0.0.1', port, options.onLog ?? (() => undefined))
  let stopping: Promise<unknown> | undefined
  return {
    node, pinner, addresses,
    async stop() {
      pinner.stop()
      await (stopping ??= Promise.all([node.stop(), stopStun()]))
    },
  }
}
