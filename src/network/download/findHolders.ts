import { peerIdFromCID, peerIdFromString } from '@libp2p/peer-id'
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import type { CID } from 'multiformats/cid'
import type { ArenaNode } from '../arenaNode.ts'

const DIAL_TIMEOUT = 15_000
const MAX_DIALS = 6

function usableAddresses(addresses: string[], peer: string): Multiaddr[] {
  const usable: Multiaddr[] = []
  for (const text of addresses) {
    try {
      const address = multiaddr(text)
      // An announcement may lead to its own sender only.
      if (address.getComponents().findLast(component => component.name === 'p2p')?.value === peer) usable.push(address)
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
  async function dial(peer: string, target: Parameters<typeof libp2p.dial>[0]): Promise<void> {
    if (peer === node.peerId || connected(peer) || ++dials > MAX_DIALS) return
    await libp2p.dial(target, { signal: AbortSignal.any([signal, AbortSignal.timeout(DIAL_TIMEOUT)]) }).catch(() => undefined)
  }

  const announced = node.announcements.holders.of(cid.toString()).map(({ peer, addresses }) => {
    const usable = usableAddresses(addresses, peer)
    return dial(peer, usable.length > 0 ? usable : peerIdFromString(peer))
  })
  async function askRecords(): Promise<void> {
    for await (const provider of routing.findProviders(cid, { signal: AbortSignal.any([signal, AbortSignal.timeout(DIAL_TIMEOUT)]) })) {
      const peer = peerIdFromCID(provider.id)
      void dial(peer.toString(), provider.multiaddrs.length > 0 ? provider.multiaddrs : peer)
    }
  }
  await Promise.all([...announced, askRecords().catch(() => undefined)])
}
