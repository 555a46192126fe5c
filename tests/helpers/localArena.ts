import { bytesToHex, createTestClient, http, parseEther, type PublicClient } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import type { ArenaWriter } from '../../src/chain/arena.ts'
import { connect } from '../../src/chain/client.ts'
import { deployArena } from '../../src/chain/deploy.ts'
import type { Deployment } from '../../src/chain/deployments.ts'
import { burnerWallet } from '../../src/chain/wallet.ts'
import { drawTokens } from '../../src/chain/writes/drawTokens.ts'
import { startAnvil } from './anvil.ts'

/** Anvil's own test accounts. */
const MNEMONIC = 'test test test test test test test test test test test junk'

/** Contracts on a fresh local chain whose clock the test moves. */
export interface LocalArena {
  url: string
  rpc: PublicClient
  deployment: Deployment
  /** A writer for one of anvil's accounts, holding 10,000 test tokens. */
  writer: (index: number) => Promise<ArenaWriter>
  /** Moves the clock to a time in Unix seconds and mines a block there. */
  travel: (time: number) => Promise<void>
  stop: () => Promise<void>
}

export async function startLocalArena(args: string[] = []): Promise<LocalArena> {
  const anvil = await startAnvil(['--accounts', '40', ...args])
  const { rpc, chain } = await connect(anvil.url)
  rpc.pollingInterval = 20
  const test = createTestClient({ mode: 'anvil', transport: http(anvil.url) })
  const walletOf = (index: number) => {
    const key = mnemonicToAccount(MNEMONIC, { addressIndex: index }).getHdKey().privateKey!
    return burnerWallet({ key: bytesToHex(key), chain, rpcUrl: anvil.url })
  }
  const deployment = await deployArena(rpc, walletOf(0))
  return {
    url: anvil.url, rpc, deployment,
    async writer(index) {
      const writer = { rpc, deployment, wallet: walletOf(index) }
      await drawTokens(writer, parseEther('10000'))
      return writer
    },
    async travel(time) {
      await test.setNextBlockTimestamp({ timestamp: BigInt(time) })
      await test.mine({ blocks: 1 })
    },
    stop: anvil.stop,
  }
}
