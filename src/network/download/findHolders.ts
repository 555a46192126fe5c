import { peerIdFromCID, peerIdFromString } from '@libp2p/peer-id'
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import type { CID } from 'multiformats/cid'
import type { ArenaNode } from '../arenaNode.ts'

const DIAL_TIMEOUT = 15_000
const MAX_DIALS = 6

/** The peer that an address leads to in the end, where it names one. */
const targetOf = (address: Multiaddr) => address.getComponents().findLast(component => component.name === 'p2p')?.value

/** What can be parsed, and leads to this peer: whoever says that somebody holds a CID may speak for that peer only. */
function usableAddresses(addresses: (string | Multiaddr)[], peer: string): Multiaddr[] {
  const usable: Multiaddr[] = []
  for (const text of addresses) {
    try {
      const address = multiaddr(text)
      // libp2p joins dials that name the same peer. Of two connections it ends one, and what the other side sends over
      // that before it hears of it is lost for seconds.
      const named = targetOf(address) ? address : address.encapsulate(`/p2p/${peer}`)
      if (targetOf(named) === peer) usable.push(named)
    } catch {
      // One bad address does not spoil the others.
    }
  }
  return usable
}

/** Connects to peers that announced a CID or have a provider record for it. */
export async function findHolders(node: ArenaNode, cid: CID, signal: AbortSignal): Promise<void> {
  const { libp2p, routing } = node.helia
  let dials = 0
  const connected = (peer: string): boolean => libp2p.getConnections().some(connection =>
    connection.remotePeer.toString() === peer && connection.limits === undefined)
  async function dial(peer: string, addresses: (string | Multiaddr)[]): Promise<void> {
    if (peer === node.peerId || connected(peer) || ++dials > MAX_DIALS) return
    const usable = usableAddresses(addresses, peer)
    await libp2p.dial(usable.length > 0 ? usable : peerIdFromString(peer), { signal: AbortSignal.any([signal, AbortSignal.timeout(DIAL_TIMEOUT)]) })
      .catch(() => undefined)
  }

  async function askRecords(): Promise<void> {
    for await (const { id, multiaddrs } of routing.findProviders(cid, { signal: AbortSignal.any([signal, AbortSignal.timeout(DIAL_TIMEOUT)]) })) {
      void dial(peerIdFromCID(id).toString(), multiaddrs)
    }
  }
  const announced = node.announcements.holders.of(cid.toString()).map(({ peer, addresses }) => dial(peer, addresses))
  await Promise.all([...announced, askRecords().catch(() => undefined)])
}
