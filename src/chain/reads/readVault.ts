import { getAddress, zeroAddress, type Address } from 'viem'
import { arenaAbi, delegationVaultAbi, vaultFactoryAbi } from '../abi.ts'
import type { ArenaReader } from '../arena.ts'
import { toChainError } from '../errors.ts'

/** An operator's delegation vault. Amounts are wei of the stake token, shares those of the vault. */
export interface Vault {
  address: Address
  operator: Address
  name: string
  symbol: string
  /** All that belongs to the shares: idle, and standing in tasks. */
  assets: bigint
  /** What lies in the vault. */
  idle: bigint
  /** What stands in tasks where a round is open. */
  atRisk: bigint
  shares: bigint
  /** Shares whose owners want out. */
  noticed: bigint
  /** Tasks in which it stands. */
  tasks: bigint[]
}

/** What one account has in a vault. */
export interface VaultHolding {
  shares: bigint
  /** Wei that all its shares would give now; less than their part of the assets while a round is open. */
  worth: bigint
  /** Shares, and wei, that can leave now: not more than what lies idle. */
  redeemable: bigint
  withdrawable: bigint
  noticed: bigint
}

/**
 * Where the vault is that an operator named to the arena, once and for all; null without one, or when it is not one
 * whose code is known: an operator could name a contract of its own making, which owes delegators nothing.
 */
export async function readVaultAddress({ rpc, deployment }: ArenaReader, operator: Address): Promise<Address | null> {
  try {
    const [address, made] = await Promise.all([
      rpc.readContract({ address: deployment.arena, abi: arenaAbi, functionName: 'vaultOf', args: [operator] }),
      rpc.readContract({ address: deployment.vaults, abi: vaultFactoryAbi, functionName: 'vaultOf', args: [operator] }),
    ])
    return address === zeroAddress || address !== made ? null : address
  } catch (error) {
    throw toChainError(error)
  }
}

/** An operator's vault as it is now; null without one. */
export async function readVault(reader: ArenaReader, operator: Address): Promise<Vault | null> {
  const { rpc } = reader
  const address = await readVaultAddress(reader, operator)
  if (!address) return null
  try {
    const vault = { address, abi: delegationVaultAbi } as const
    const [name, symbol, assets, idle, atRisk, shares, noticed, tasks] = await Promise.all([
      rpc.readContract({ ...vault, functionName: 'name' }),
      rpc.readContract({ ...vault, functionName: 'symbol' }),
      rpc.readContract({ ...vault, functionName: 'totalAssets' }),
      rpc.readContract({ ...vault, functionName: 'idle' }),
      rpc.readContract({ ...vault, functionName: 'atRisk' }),
      rpc.readContract({ ...vault, functionName: 'totalSupply' }),
      rpc.readContract({ ...vault, functionName: 'noticed' }),
      rpc.readContract({ ...vault, functionName: 'tasks' }),
    ])
    return { address, operator: getAddress(operator), name, symbol, assets, idle, atRisk, shares, noticed, tasks: [...tasks] }
  } catch (error) {
    throw toChainError(error)
  }
}

/** What an account has in a vault. */
export async function readVaultHolding({ rpc }: ArenaReader, { vault, account }: { vault: Address; account: Address }): Promise<VaultHolding> {
  const at = { address: vault, abi: delegationVaultAbi } as const
  try {
    const [shares, redeemable, withdrawable, noticed] = await Promise.all([
      rpc.readContract({ ...at, functionName: 'balanceOf', args: [account] }),
      rpc.readContract({ ...at, functionName: 'maxRedeem', args: [account] }),
      rpc.readContract({ ...at, functionName: 'maxWithdraw', args: [account] }),
      rpc.readContract({ ...at, functionName: 'noticeOf', args: [account] }),
    ])
    const worth = await rpc.readContract({ ...at, functionName: 'previewRedeem', args: [shares] })
    return { shares, worth, redeemable, withdrawable, noticed }
  } catch (error) {
    throw toChainError(error)
  }
}
