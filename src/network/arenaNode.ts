/**
 * What every node of the network is made of, in a tab or in Node: libp2p and
 * helia put together by `startNode` or `startRelay`, and the parts of our own
 * that work on them.
 */
import type { GossipSub } from '@libp2p/gossipsub'
import type { HeliaWithLibp2p } from '@helia/libp2p'
import type { KadDHT } from '@libp2p/kad-dht'
import type { ServiceMap } from '@libp2p/interface'
import { createAnnouncements, type Announcements } from './announcements.ts'
import { createBlockExchange, type BlockExchange } from './blockExchange.ts'
import type { ByteMeter } from './byteMeter.ts'
import { meetPeers } from './discovery.ts'
import { TransferBoard } from './download/transfer.ts'
import { Subject, type Observable } from './observable.ts'
import { keepRelays, type RelayKeeper } from './relays.ts'
import { peerStates, type NetworkState } from './state.ts'

/** Services that every node runs. */
export interface NodeServices extends ServiceMap {
  pubsub: GossipSub
  dht: KadDHT
}

export interface ArenaNode {
  readonly peerId: string
  /** Peers, relays, transfers and traffic; a store in Svelte's sense. */
  readonly state: Observable<NetworkState>
  readonly helia: HeliaWithLibp2p<NodeServices>
  readonly exchange: BlockExchange
  readonly announcements: Announcements
  readonly transfers: TransferBoard
  readonly relays: RelayKeeper
  /** Leaves the network. Blocks and identity stay in storage. */
  stop(): Promise<void>
}

const REFRESH = 1000

/**
 * Puts our parts on a started helia node.
 * @param release Called last by `stop`: closes what the caller opened.
 */
export function assembleNode(
  helia: HeliaWithLibp2p<NodeServices>, meter: ByteMeter, relayAddresses: string[], release: () => Promise<void>,
): ArenaNode {
  const { libp2p } = helia
  const relays = keepRelays(libp2p, relayAddresses)
  const exchange = createBlockExchange(helia)
  const announcements = createAnnouncements(helia)
  const transfers = new TransferBoard()
  const leaveDiscovery = meetPeers(libp2p)

  function read(status?: NetworkState['status']): NetworkState {
    const peers = peerStates(libp2p, relays.ids)
    const online = relays.state.get().some(relay => relay.status === 'connected')
    const waiting = relays.state.get().some(relay => relay.status === 'connecting')
    return {
      peerId: libp2p.peerId.toString(),
      status: status ?? (online ? 'online' : peers.length > 0 ? 'peers-only' : waiting ? 'starting' : 'offline'),
      relays: relays.state.get(), peers, transfers: transfers.list.get(), bytesIn: meter.in, bytesOut: meter.out,
    }
  }

  const state = new Subject<NetworkState>(read())
  let queued = false
  function refresh(): void {
    if (queued) return
    queued = true
    setTimeout(() => {
      queued = false
      if (state.get().status !== 'stopped') state.set(read())
    }, 50)
  }
  const unsubscribe = [relays.state.subscribe(refresh), transfers.list.subscribe(refresh)]
  const events = ['connection:open', 'connection:close', 'peer:disconnect'] as const
  for (const event of events) libp2p.addEventListener(event, refresh)
  const timer = setInterval(() => {
    if (meter.in !== state.get().bytesIn || meter.out !== state.get().bytesOut) refresh()
  }, REFRESH)

  return {
    peerId: libp2p.peerId.toString(), state, helia, exchange, announcements, transfers, relays,
    async stop() {
      if (state.get().status === 'stopped') return
      clearInterval(timer)
      for (const call of unsubscribe) call()
      for (const event of events) libp2p.removeEventListener(event, refresh)
      announcements.stop()
      leaveDiscovery()
      relays.stop()
      state.set({ ...read('stopped'), peers: [] })
      await helia.stop()
      await release()
    },
  }
}
