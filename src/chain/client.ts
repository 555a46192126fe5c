/** The way to a chain: an RPC address in, a client that knows its chain out. */
import { createPublicClient, defineChain, http, type Chain, type PublicClient } from 'viem'
import { toChainError } from './errors.ts'

/** Milliseconds between looks at the chain: a local one answers at once, a public one is spared. */
const LOCAL_POLLING = 250
const PUBLIC_POLLING = 2_000

const LOCAL_CHAINS = new Set([31337, 1337])

/**
 * Connects to a node and learns which chain it serves.
 * @throws RpcDownError when it does not answer.
 */
export async function connect(rpcUrl: string): Promise<{ rpc: PublicClient; chain: Chain }> {
  try {
    const id = await createPublicClient({ transport: http(rpcUrl) }).getChainId()
    const chain = defineChain({
      id,
      name: LOCAL_CHAINS.has(id) ? 'Local arena' : `Chain ${id}`,
      nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
      rpcUrls: { default: { http: [rpcUrl] } },
    })
    const rpc = createPublicClient({
      chain,
      transport: http(rpcUrl, { batch: true, retryCount: 2 }),
      pollingInterval: LOCAL_CHAINS.has(id) ? LOCAL_POLLING : PUBLIC_POLLING,
    })
    return { rpc, chain }
  } catch (error) {
    throw toChainError(error)
  }
}
