import { peerIdFromString } from '@libp2p/peer-id'
import type { ArenaNode } from './arenaNode.ts'
import { parseCid } from './cid.ts'
import { isDirect } from './state.ts'

const ANSWER_WITHIN = 4000
const MOST_ASKED = 64

/**
 * The connected peers that say they hold a CID's root block.
 * "Holds" is their word for the root; whether all of it is there shows only when it is fetched.
 */
export async function holders(node: ArenaNode, cid: string, options: { signal?: AbortSignal } = {}): Promise<string[]> {
  const root = parseCid(cid)
  const peers = [...new Set(node.helia.libp2p.getConnections().filter(isDirect).map(connection => connection.remotePeer.toString()))]
  const answers = await Promise.all(peers.slice(0, MOST_ASKED).map(async peer => ({
    peer, answer: await node.exchange.askPresence(peerIdFromString(peer), root, { ...options, timeout: ANSWER_WITHIN }),
  })))
  return answers.filter(({ answer }) => answer === 'have' || answer === 'block').map(({ peer }) => peer)
}
