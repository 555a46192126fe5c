/** The node of a tab: everything that one needs to meet peers, and to give and take blocks. */
import { withBitswap } from '@helia/bitswap'
import { withLibp2pLight } from '@helia/libp2p'
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { webRTC } from '@libp2p/webrtc'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { IDBBlockstore } from 'blockstore-idb'
import { IDBDatastore } from 'datastore-idb'
import { createHeliaLight } from 'helia'
import { assembleNode, type ArenaNode } from './arenaNode.ts'
import { ByteMeter } from './byteMeter.ts'
import { relayIceServers } from './iceServers.ts'
import { takeIdentity } from './identity.ts'
import { keepInitChannels } from './initChannel.ts'
import { BITSWAP, gossip, providerRecords } from './protocols.ts'
import type { StartNodeOptions } from './startNode.ts'

/**
 * Bytes handed to a data channel before waiting for it to drain. Chromium sends
 * bursts of the default 2 MiB with losses: 5 MB between two tabs took 1.2 to
 * 4.1 s with 2 MiB and more, 0.7 s every time with this.
 */
const BUFFERED = 64 * 1024
/** Reservations sought at the same time; more relays than this are still used as peers. */
const MAX_RESERVATIONS = 3

/** What `startNode` does, once it is loaded. */
export async function startTabNode(options: StartNodeOptions): Promise<ArenaNode> {
  const name = options.name ?? 'lanista'
  keepInitChannels()
  options.signal?.throwIfAborted()
  const blockstore = new IDBBlockstore(`${name}-blocks`)
  const datastore = new IDBDatastore(`${name}-data`)
  await Promise.all([blockstore.open(), datastore.open()])
  const identity = await takeIdentity(name, datastore)
  const meter = new ByteMeter()
  // Relays that become known later are asked as well.
  let relays = (): string[] => options.relays
  const reservations = Math.max(1, Math.min(options.relays.length, MAX_RESERVATIONS))

  const helia = withBitswap(withLibp2pLight(createHeliaLight({ blockstore, datastore }), {
    privateKey: identity.privateKey,
    metrics: () => meter,
    addresses: { listen: [...Array<string>(reservations).fill('/p2p-circuit'), '/webrtc'] },
    transports: [
      webSockets(),
      webRTC({ rtcConfiguration: () => ({ iceServers: options.iceServers ?? relayIceServers(relays()) }), dataChannel: { maxBufferedAmount: BUFFERED } }),
      circuitRelayTransport(),
    ],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    ...(options.allowLoopback ? { connectionGater: { denyDialMultiaddr: () => false } } : {}),
    services: { identify: identify(), ping: ping(), pubsub: gossip(), dht: providerRecords('client') },
  }), BITSWAP)

  async function release(): Promise<void> {
    identity.release()
    await Promise.all([blockstore.close(), datastore.close()])
  }
  try {
    await helia.start()
    options.signal?.throwIfAborted()
  } catch (error) {
    await helia.stop().catch(() => undefined)
    await release()
    throw error
  }
  const node = assembleNode(helia, meter, options.relays, release)
  relays = () => node.state.get().relays.map(relay => relay.address)
  options.signal?.addEventListener('abort', () => void node.stop(), { once: true })
  return node
}
