/**
 * How tabs find each other: each tells its addresses on one gossipsub topic,
 * and dials the peers it hears of, so that they are connected directly before
 * either needs the other's blocks. (`@libp2p/pubsub-peer-discovery` speaks only
 * on a fixed beat and names each peer once, so two tabs met after seconds, and
 * a dial that failed was never tried again.)
 */
import type { GossipSub, Message } from '@libp2p/gossipsub'
import { TopicValidatorResult } from '@libp2p/gossipsub'
import type { Libp2p, ServiceMap } from '@libp2p/interface'
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import { WebRTC } from '@multiformats/multiaddr-matcher'
import { z } from 'zod'
import { DISCOVERY_TOPIC, MAX_ANNOUNCEMENT_BYTES } from './protocols.ts'

const presenceSchema = z.strictObject({ version: z.literal(1), addresses: z.array(z.string().max(400)).max(4) })

/** Tabs that one tab keeps a direct connection with; gossip and provider records reach the others. */
const DIRECT_PEERS = 24
const DIAL_TIMEOUT = 15_000
/** The peer with the larger id waits: two offers crossing would make two connections, ms. */
const LARGER_WAITS = 3000
/** After news of any kind, wait for more before speaking, ms. */
const SETTLE = 300
/** How often to speak unasked, ms; with more peers around more rarely, so that all together stay quiet. */
const REPEAT = 20_000
const REPEAT_PER_PEER = 500
/** Peers remembered as seen, with their latest addresses. */
const REMEMBERED = 256

/** Direct addresses of a presence message; empty for anything malformed or somebody else's. */
export function parsePresence(data: Uint8Array, from: string): Multiaddr[] {
  if (data.byteLength > MAX_ANNOUNCEMENT_BYTES) return []
  try {
    const { addresses } = presenceSchema.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(data)))
    return addresses.map(text => multiaddr(text)).filter(address =>
      WebRTC.matches(address) && address.getComponents().findLast(component => component.name === 'p2p')?.value === from)
  } catch {
    return []
  }
}

/** Joins the topic where peers tell their addresses, so that they are passed on. */
export function joinDiscovery(pubsub: GossipSub): void {
  pubsub.topicValidators.set(DISCOVERY_TOPIC, (_peer, message) =>
    message.type === 'signed' && message.data.byteLength <= MAX_ANNOUNCEMENT_BYTES ? TopicValidatorResult.Accept : TopicValidatorResult.Reject)
  pubsub.subscribe(DISCOVERY_TOPIC)
}

/** Tells this node's addresses and dials discovered peers; returns the way to end it. */
export function meetPeers<M extends ServiceMap & { pubsub: GossipSub }>(libp2p: Libp2p<M>): () => void {
  const { pubsub } = libp2p.services
  const seen = new Map<string, Multiaddr[]>()
  const dialing = new Set<string>()
  const stopped = new AbortController()
  const self = libp2p.peerId.toString()
  let timer: ReturnType<typeof setTimeout> | undefined

  const directPeers = (): Set<string> => new Set(libp2p.getConnections()
    .filter(connection => connection.limits === undefined).map(connection => connection.remotePeer.toString()))

  function tell(): void {
    clearTimeout(timer)
    timer = setTimeout(tell, Math.max(REPEAT, seen.size * REPEAT_PER_PEER))
    const addresses = libp2p.getMultiaddrs().filter(address => WebRTC.matches(address)).map(String).slice(0, 4)
    if (addresses.length === 0) return
    pubsub.publish(DISCOVERY_TOPIC, new TextEncoder().encode(JSON.stringify({ version: 1, addresses }))).catch(() => undefined)
  }

  function tellSoon(): void {
    clearTimeout(timer)
    timer = setTimeout(tell, SETTLE)
  }

  async function dial(peer: string, addresses: Multiaddr[]): Promise<void> {
    if (dialing.has(peer)) return
    dialing.add(peer)
    try {
      if (self > peer) await new Promise(resolve => setTimeout(resolve, LARGER_WAITS))
      const direct = directPeers()
      if (stopped.signal.aborted || direct.has(peer) || direct.size >= DIRECT_PEERS) return
      await libp2p.dial(addresses, { signal: AbortSignal.any([stopped.signal, AbortSignal.timeout(DIAL_TIMEOUT)]) })
    } catch {
      // Tried again when it next makes itself known.
    } finally {
      dialing.delete(peer)
    }
  }

  const onMessage = ({ detail }: CustomEvent<Message>): void => {
    if (detail.topic !== DISCOVERY_TOPIC || detail.type !== 'signed') return
    const peer = detail.from.toString()
    const addresses = parsePresence(detail.data, peer)
    if (addresses.length === 0 || peer === self) return
    // A newcomer has not heard of us yet; where many are, it is enough that some answer.
    if (!seen.has(peer) && Math.random() < DIRECT_PEERS / seen.size) tellSoon()
    seen.delete(peer)
    seen.set(peer, addresses)
    if (seen.size > REMEMBERED) seen.delete(seen.keys().next().value!)
    if (!directPeers().has(peer)) void dial(peer, addresses)
  }

  joinDiscovery(pubsub)
  pubsub.addEventListener('message', onMessage)
  pubsub.addEventListener('subscription-change', tellSoon)
  libp2p.addEventListener('self:peer:update', tellSoon)
  tellSoon()
  return () => {
    stopped.abort()
    clearTimeout(timer)
    pubsub.removeEventListener('message', onMessage)
    pubsub.removeEventListener('subscription-change', tellSoon)
    libp2p.removeEventListener('self:peer:update', tellSoon)
  }
}
