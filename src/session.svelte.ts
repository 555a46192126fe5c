/**
 * What every page shares: the way to the chain, the account, the network node
 * and the chain's clock. Opened once by App.svelte.
 */
import { createTestClient, http, parseEther, type Chain, type Hex, type PublicClient } from 'viem'
import { z } from 'zod'
import type { ArenaReader, ArenaWriter } from './chain/arena.ts'
import { connect } from './chain/client.ts'
import { deploymentFor } from './chain/deployments.ts'
import { readBalances } from './chain/reads/readBalances.ts'
import { readRelays } from './chain/reads/readRelays.ts'
import { burnerWallet, connectInjectedWallet, createBurnerKey, type ArenaWallet, type InjectedWallet } from './chain/wallet.ts'
import type { TransactionOptions } from './chain/transaction.ts'
import { drawTokens } from './chain/writes/drawTokens.ts'
import { ArenaError } from './arena/errors.ts'
import { startNode, type ArenaNode, type NetworkState } from './network/index.ts'
import { database } from './store/database.ts'
import { offerShared } from './workflows/models/sharing.ts'

/** `arena.json` beside the page: where the chain is. A page needs nothing else. */
const configSchema = z.object({
  rpcUrl: z.url({ protocol: /^https?$/ }),
  /** Contracts that the built-in list of deployments does not know, e.g. a local arena's. */
  deployment: z.record(z.string(), z.unknown()).optional(),
})

const RPC_KEY = 'lanista.rpcUrl'
const LOCAL_CHAIN = 31337

export class NoArenaError extends ArenaError {
  override name = 'NoArenaError'
  constructor(options?: ErrorOptions) {
    super('This page does not know which chain its arena is on.',
      'Set an RPC address on the Account page, or start a local arena with "npm start" and open the address it prints.', options)
  }
}

export const session = $state({
  chainState: 'connecting' as 'connecting' | 'connected' | 'down',
  problem: null as unknown,
  networkProblem: null as unknown,
  network: null as NetworkState | null,
  /** Whether this is a local arena whose clock the page may move. */
  local: false,
  account: null as Hex | null,
  /** Symbol of the stake token. */
  symbol: 'tokens',
  /** The chain's time in Unix seconds, running between blocks. */
  now: Math.floor(Date.now() / 1000),
})

/** Not reactive: set before `session.chainState` becomes `connected`, `node` before `session.network` is there. */
export const links: { rpc?: PublicClient; chain?: Chain; reader?: ArenaReader; writer?: ArenaWriter; node?: ArenaNode } = {}

/** Connects to the chain and joins the network; called again after a failure it tries again. */
export function openSession(): void {
  session.problem = null
  session.chainState = 'connecting'
  open().catch((error: unknown) => {
    session.problem = error
    session.chainState = 'down'
  })
}

async function open(): Promise<void> {
  const config = await readConfig()
  const { rpc, chain } = await connect(config.rpcUrl)
  const deployment = deploymentFor(chain.id, config.deployment)
  const wallet = burnerWallet({ key: await burnerKey(), chain, rpcUrl: config.rpcUrl })
  session.local = chain.id === LOCAL_CHAIN
  Object.assign(links, { rpc, chain })
  useWallet({ rpc, deployment }, wallet)
  session.symbol = (await readBalances(links.reader!, session.account!)).symbol
  session.chainState = 'connected'
  keepTime(rpc)
  void joinNetwork({ rpc, deployment })
}

async function readConfig() {
  try {
    const answer = await fetch('./arena.json', { cache: 'no-store' })
    const config = configSchema.parse(answer.ok ? await answer.json() : {})
    return { ...config, rpcUrl: localStorage.getItem(RPC_KEY) ?? config.rpcUrl }
  } catch (cause) {
    const rpcUrl = localStorage.getItem(RPC_KEY)
    if (rpcUrl) return { rpcUrl, deployment: undefined }
    throw new NoArenaError({ cause })
  }
}

async function burnerKey(): Promise<Hex> {
  return database.transaction('rw', database.keys, async () => {
    const kept = await database.keys.get('burner')
    if (kept) return kept.privateKey
    const privateKey = createBurnerKey()
    await database.keys.put({ name: 'burner', privateKey })
    return privateKey
  })
}

function useWallet(reader: ArenaReader, wallet: ArenaWallet): void {
  links.reader = reader
  links.writer = { ...reader, wallet }
  session.account = wallet.account.address
}

/** Signs with an injected wallet from now on. */
export async function useInjectedWallet(wallet: InjectedWallet): Promise<void> {
  useWallet(links.reader!, await connectInjectedWallet(wallet, links.chain!))
}

/** Remembers an RPC address for this browser and starts over. */
export function setRpcUrl(rpcUrl: string | null): void {
  if (rpcUrl) localStorage.setItem(RPC_KEY, rpcUrl)
  else localStorage.removeItem(RPC_KEY)
  location.reload()
}

/** Follows the chain's clock; between blocks it runs with the machine's. */
function keepTime(rpc: PublicClient): void {
  let ahead = 0
  setInterval(() => (session.now = Math.floor(Date.now() / 1000) + ahead), 500)
  rpc.watchBlocks({
    emitOnBegin: true,
    onBlock: (block) => {
      ahead = Number(block.timestamp) - Math.floor(Date.now() / 1000)
      session.chainState = 'connected'
    },
    onError: () => (session.chainState = 'down'),
  })
}

async function joinNetwork(reader: ArenaReader): Promise<void> {
  session.networkProblem = null
  try {
    const relays = await readRelays(reader)
    const node = await startNode({ relays, allowLoopback: session.local })
    links.node = node
    void offerShared(node)
    node.state.subscribe((state) => {
      session.network = state
    })
  } catch (error) {
    session.networkProblem = error
  }
}

/** What only a local arena's chain does for a page. */
const localChain = () => createTestClient({ mode: 'anvil', chain: links.chain!, transport: http(links.chain!.rpcUrls.default.http[0]) })

/** Local arena only: moves the chain's clock to a time (Unix seconds) that lies ahead. */
export async function skipTo(timestamp: number): Promise<void> {
  await localChain().setNextBlockTimestamp({ timestamp: BigInt(timestamp) })
  await localChain().mine({ blocks: 1 })
}

/** Draws 1,000 test tokens; on a local arena also the chain's own coin, to pay for gas. */
export async function takeTestTokens(options?: TransactionOptions): Promise<void> {
  if (session.local) await localChain().setBalance({ address: session.account!, value: parseEther('10') })
  await drawTokens(links.writer!, parseEther('1000'), options)
}
