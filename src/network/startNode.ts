import type { ArenaNode } from './arenaNode.ts'

export interface StartNodeOptions {
  /** Multiaddrs of relays, as the registry on chain gives them. */
  relays: string[]
  /** Name of the IndexedDB databases and of the identity; `lanista` when absent. */
  name?: string
  /** Lets addresses of this machine and unencrypted WebSockets be dialed: for a local arena. */
  allowLoopback?: boolean
  /** STUN or TURN servers for tabs behind different routers; the relays, which are STUN servers, when absent. */
  iceServers?: RTCIceServer[]
  signal?: AbortSignal
}

/**
 * Starts the network in a tab. It returns as soon as the node runs; whether a
 * relay is reached yet is in `state`, and it goes on trying.
 */
export async function startNode(options: StartNodeOptions): Promise<ArenaNode> {
  // Its own chunk: the page is drawn before libp2p is there, and Node never loads WebRTC.
  const { startTabNode } = await import('./tabNode.ts')
  return await startTabNode(options)
}
