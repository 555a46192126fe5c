import { relayRegistryAbi } from '../abi.ts'
import type { ArenaReader } from '../arena.ts'
import { toChainError } from '../errors.ts'

/** Relays looked at, newest owners first. */
const MOST_RELAYS = 64n
const MOST_ADDRESSES = 8

/** Multiaddrs of relays and pinners that their owners registered; an entry says nothing about their honesty. */
export async function readRelays(reader: ArenaReader): Promise<string[]> {
  try {
    const [, entries] = await reader.rpc.readContract({
      address: reader.deployment.registry, abi: relayRegistryAbi, functionName: 'list', args: [0n, MOST_RELAYS],
    })
    const addresses = entries.flatMap(entry => entry.split('\n').map(line => line.trim()).filter(line => line.startsWith('/')).slice(0, MOST_ADDRESSES))
    return [...new Set(addresses)]
  } catch (error) {
    throw toChainError(error)
  }
}
