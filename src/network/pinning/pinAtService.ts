import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import type { ArenaNode } from '../arenaNode.ts'
import { parseCid } from '../cid.ts'
import { PinningServiceError } from '../errors.ts'
import { client, parsePinStatus, request, type PinningService, type ServicePinStatus } from './service.ts'

export interface PinAtServiceOptions {
  /** Name under which the service lists it. */
  name?: string
  signal?: AbortSignal
  /** Called when the service's word about the pin changes. */
  onStatus?: (status: ServicePinStatus['status']) => void
  /** Milliseconds to wait for `pinned`; five minutes when absent. */
  timeout?: number
}

const POLL = 2000
const TIMEOUT = 300_000
const MAX_ORIGINS = 20

/** Where the service can get the blocks: relays that may have pinned them, then this tab itself. */
function origins(node: ArenaNode): string[] {
  const relays = node.state.get().relays.filter(relay => relay.status === 'connected').map(relay => relay.address)
  return [...relays, ...node.helia.libp2p.getMultiaddrs().map(String)].slice(0, MAX_ORIGINS)
}

/** The service names peers of its own that will fetch; being connected with them is enough. */
function dialDelegates(node: ArenaNode, delegates: string[], signal: AbortSignal): void {
  for (const text of delegates.slice(0, 5)) {
    try {
      const address = multiaddr(text)
      const id = address.getComponents().findLast(component => component.name === 'p2p')?.value
      if (id !== undefined && peerIdFromString(id).toString() === node.peerId) continue
      node.helia.libp2p.dial(address, { signal }).catch(() => undefined)
    } catch {
      // A service's bad address is its own loss.
    }
  }
}

/**
 * Asks a pinning service to hold a CID and waits until it does. Keep the tab
 * open meanwhile: the service fetches the blocks from it or from its relays.
 *
 * @returns the service's id of the request.
 * @throws PinningServiceError when it refuses, fails, or does not finish in time.
 */
export async function pinAtService(
  node: ArenaNode, service: PinningService, cid: string, options: PinAtServiceOptions = {},
): Promise<string> {
  parseCid(cid)
  const { signal } = options
  const deadline = AbortSignal.timeout(options.timeout ?? TIMEOUT)
  const both = signal ? AbortSignal.any([signal, deadline]) : deadline
  const api = client(service)
  let last = parsePinStatus(service, await request(service, signal, init => api.pinsPost({
    // The client's types say Set, its JSON would then be empty; the API takes a list.
    pin: { cid, origins: origins(node) as never, ...(options.name === undefined ? {} : { name: options.name }) },
  }, init)))
  options.onStatus?.(last.status)
  dialDelegates(node, last.delegates, both)
  while (last.status !== 'pinned') {
    if (last.status === 'failed') {
      throw new PinningServiceError(service.name, `could not pin it${last.info?.['status_details'] ? `: ${last.info['status_details']}` : ''}`,
        'Keep the tab open and connected so that the service can fetch it, and try again.')
    }
    await new Promise(resolve => setTimeout(resolve, POLL))
    signal?.throwIfAborted()
    if (deadline.aborted) {
      throw new PinningServiceError(service.name, `has not pinned it yet (${last.status})`,
        'It may still do so. Keep the tab open and look at its list of pins later.')
    }
    const next = parsePinStatus(service, await request(service, signal, init => api.pinsRequestidGet({ requestid: last.requestid }, init)))
    if (next.status !== last.status) options.onStatus?.(next.status)
    last = next
  }
  return last.requestid
}
