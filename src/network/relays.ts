/**
 * Keeps this node connected to its relays: dials each at once, and again with a
 * growing pause whenever it is gone, for as long as the node runs.
 */
import type { Libp2p, ServiceMap } from '@libp2p/interface'
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import { Subject } from './observable.ts'
import type { RelayState } from './state.ts'

const FIRST_PAUSE = 500
const LONGEST_PAUSE = 15_000
const DIAL_TIMEOUT = 10_000
/** Relays kept at most: anyone can write addresses into the registry. */
const MAX_RELAYS = 24

export interface RelayKeeper {
  readonly state: Subject<RelayState[]>
  /** Peer ids of the relays that were given. */
  readonly ids: ReadonlySet<string>
  /** Adds relays that became known later (from the registry on chain). */
  add(addresses: string[]): void
  stop(): void
}

function peerIdOf(address: Multiaddr): string | null {
  return address.getComponents().findLast(component => component.name === 'p2p')?.value ?? null
}

export function keepRelays<M extends ServiceMap>(libp2p: Libp2p<M>, addresses: string[]): RelayKeeper {
  const stopped = new AbortController()
  const relays = new Map<string, RelayState>()
  const ids = new Set<string>()
  const wake = new Map<string, () => void>()
  const state = new Subject<RelayState[]>([])

  function change(address: string, next: Partial<RelayState>): void {
    relays.set(address, { ...relays.get(address)!, ...next })
    state.set([...relays.values()])
  }

  async function keep(address: string, target: Multiaddr, id: string | null): Promise<void> {
    let pause = FIRST_PAUSE
    while (!stopped.signal.aborted) {
      const isConnected = () => libp2p.getConnections().some(connection =>
        connection.remotePeer.toString() === id && connection.limits === undefined)
      if (!isConnected()) {
        if (relays.get(address)!.status === 'connected') change(address, { status: 'connecting', reserved: false })
        try {
          await libp2p.dial(target, { signal: AbortSignal.any([stopped.signal, AbortSignal.timeout(DIAL_TIMEOUT)]) })
        } catch (error) {
          change(address, { status: 'unreachable', error: reasonOf(error) })
        }
      }
      if (isConnected()) {
        pause = FIRST_PAUSE
        const reserved = libp2p.getMultiaddrs().some(own => own.toString().includes(`/p2p/${id}/p2p-circuit`))
        const { error: _error, ...rest } = relays.get(address)!
        relays.set(address, rest)
        change(address, { status: 'connected', reserved })
      }
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, isConnected() ? LONGEST_PAUSE : pause)
        wake.set(address, () => { clearTimeout(timer); resolve() })
      })
      if (!isConnected()) pause = Math.min(pause * 2, LONGEST_PAUSE)
    }
  }

  const onChange = (): void => { for (const call of wake.values()) call() }
  const onDisconnect = ({ detail }: CustomEvent<{ toString(): string }>): void => {
    if (ids.has(detail.toString())) onChange()
  }
  libp2p.addEventListener('peer:disconnect', onDisconnect)
  libp2p.addEventListener('self:peer:update', onChange)
  // A laptop that wakes up or changes its network should not wait out the pause.
  const online = globalThis.addEventListener?.bind(globalThis)
  online?.('online', onChange)

  function add(list: string[]): void {
    for (const address of list) {
      if (relays.has(address) || relays.size >= MAX_RELAYS) continue
      let target: Multiaddr
      try {
        target = multiaddr(address)
      } catch (error) {
        relays.set(address, { address, status: 'unreachable', reserved: false, error: `not a multiaddr: ${String(error)}` })
        continue
      }
      const id = peerIdOf(target)
      if (id !== null) ids.add(id)
      relays.set(address, { address, status: 'connecting', reserved: false })
      void keep(address, target, id)
    }
    state.set([...relays.values()])
  }
  add(addresses)

  return {
    state, ids, add,
    stop() {
      stopped.abort()
      onChange()
      libp2p.removeEventListener('peer:disconnect', onDisconnect)
      libp2p.removeEventListener('self:peer:update', onChange)
      globalThis.removeEventListener?.('online', onChange)
    },
  }
}

/** A WebSocket that does not open says no more than that it did not: its error is a bare event. */
const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : 'It does not answer.')
