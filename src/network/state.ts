import type { Connection, Libp2p, ServiceMap } from '@libp2p/interface'
import type { Transfer } from './download/transfer.ts'

export interface RelayState {
  /** The multiaddr that was given. */
  address: string
  status: 'connecting' | 'connected' | 'unreachable'
  /** Why the last attempt failed; absent while connected. */
  error?: string
  /** Whether it holds a reservation for us, so that others can reach this tab through it. */
  reserved: boolean
}

export interface PeerState {
  id: string
  /** `relayed` connections carry signals only; no block travels over them. */
  path: 'direct' | 'relayed'
  transport: 'webrtc' | 'websocket' | 'circuit' | 'other'
  /** Whether it is one of our relays. */
  relay: boolean
}

export interface NetworkState {
  peerId: string
  /** `online`: a relay is connected. `peers-only`: none is, but peers are. */
  status: 'starting' | 'online' | 'peers-only' | 'offline' | 'stopped'
  relays: RelayState[]
  peers: PeerState[]
  /** The latest transfers, newest first. */
  transfers: readonly Transfer[]
  /** Bytes received and sent over all connections since the start. */
  bytesIn: number
  bytesOut: number
}

function transportOf(connection: Connection): PeerState['transport'] {
  const address = connection.remoteAddr.toString()
  if (address.includes('/webrtc')) return 'webrtc'
  if (address.includes('/p2p-circuit')) return 'circuit'
  if (/\/wss?(\/|$)/.test(address)) return 'websocket'
  return 'other'
}

/** Whether blocks may travel over a connection: one through a relay is cut after 128 KiB. */
export function isDirect(connection: Connection): boolean {
  return connection.limits === undefined && connection.status === 'open'
}

/** Each connected peer once, by its best connection. */
export function peerStates<M extends ServiceMap>(libp2p: Libp2p<M>, relays: ReadonlySet<string>): PeerState[] {
  const peers = new Map<string, PeerState>()
  for (const connection of libp2p.getConnections()) {
    const id = connection.remotePeer.toString()
    if (peers.get(id)?.path === 'direct') continue
    peers.set(id, {
      id, relay: relays.has(id), transport: transportOf(connection), path: isDirect(connection) ? 'direct' : 'relayed',
    })
  }
  return [...peers.values()]
}
