/**
 * Dials the peers that make themselves known over the relay, so that tabs are
 * connected directly before either needs the other's blocks.
 */
import type { Libp2p, PeerInfo, ServiceMap } from '@libp2p/interface'
import { WebRTC } from '@multiformats/multiaddr-matcher'

/** Tabs that one tab keeps a direct connection with; gossip and the DHT reach the others. */
const DIRECT_PEERS = 24
const DIAL_TIMEOUT = 20_000
/** The peer with the larger id waits: two offers crossing would make two connections. */
const LARGER_WAITS = 4000

/** Starts dialing discovered peers; returns the way to end it. */
export function dialDiscovered<M extends ServiceMap>(libp2p: Libp2p<M>): () => void {
  const dialing = new Set<string>()
  const stopped = new AbortController()
  const self = libp2p.peerId.toString()

  function isDirectlyConnected(id: string): boolean {
    return libp2p.getConnections().some(connection =>
      connection.remotePeer.toString() === id && connection.limits === undefined)
  }

  async function dial({ id, multiaddrs }: PeerInfo): Promise<void> {
    const key = id.toString()
    const addresses = multiaddrs.filter(address => WebRTC.matches(address)).slice(0, 4)
    if (addresses.length === 0 || dialing.has(key) || isDirectlyConnected(key)) return
    const direct = libp2p.getConnections().filter(connection => connection.limits === undefined).length
    if (direct >= DIRECT_PEERS) return
    dialing.add(key)
    try {
      if (self > key) await new Promise(resolve => setTimeout(resolve, LARGER_WAITS))
      if (stopped.signal.aborted || isDirectlyConnected(key)) return
      await libp2p.dial(addresses, { signal: AbortSignal.any([stopped.signal, AbortSignal.timeout(DIAL_TIMEOUT)]) })
    } catch {
      // It will make itself known again as long as it is there.
    } finally {
      dialing.delete(key)
    }
  }

  const onPeer = ({ detail }: CustomEvent<PeerInfo>): void => void dial(detail)
  libp2p.addEventListener('peer:discovery', onPeer)
  return () => {
    stopped.abort()
    libp2p.removeEventListener('peer:discovery', onPeer)
  }
}
