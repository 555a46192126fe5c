import { erc20Abi, type Address } from 'viem'
import { arenaAbi } from '../abi.ts'
import type { ArenaReader } from '../arena.ts'
import { toChainError } from '../errors.ts'

/** What an account has of one token. */
export interface Balances {
  token: Address
  symbol: string
  decimals: number
  /** Wei in the account. */
  held: bigint
  /** Wei that `claim` would send. */
  owed: bigint
}

/** What an account has, and can claim, of a token; the stake token when none is named. */
export async function readBalances(reader: ArenaReader, account: Address, token = reader.deployment.token): Promise<Balances> {
  const { rpc, deployment } = reader
  try {
    const [symbol, decimals, held, owed] = await Promise.all([
      rpc.readContract({ address: token, abi: erc20Abi, functionName: 'symbol' }).catch(() => 'tokens'),
      rpc.readContract({ address: token, abi: erc20Abi, functionName: 'decimals' }).catch(() => 18),
      rpc.readContract({ address: token, abi: erc20Abi, functionName: 'balanceOf', args: [account] }),
      rpc.readContract({ address: deployment.arena, abi: arenaAbi, functionName: 'owed', args: [token, account] }),
    ])
    return { token, symbol, decimals, held, owed }
  } catch (error) {
    throw toChainError(error)
  }
}
