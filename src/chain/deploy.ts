/** Puts a whole arena on a chain. */
import { getAddress, parseEther, type Abi, type Address, type Hex, type PublicClient } from 'viem'
import { arenaAbi, backOfficeAbi, relayRegistryAbi, testTokenAbi, vaultFactoryAbi } from './abi.ts'
import type { Deployment } from './deployments.ts'
import { ChainError, toChainError } from './errors.ts'
import { arenaBytecode } from './generated/Arena.ts'
import { annexAbi, annexBytecode } from './generated/Annex.ts'
import { backOfficeBytecode } from './generated/BackOffice.ts'
import { relayRegistryBytecode } from './generated/RelayRegistry.ts'
import { testTokenBytecode } from './generated/TestToken.ts'
import { vaultFactoryBytecode } from './generated/VaultFactory.ts'
import { followTransaction, type TransactionOptions } from './transaction.ts'
import type { ArenaWallet } from './wallet.ts'

/** What one draw from the faucet gives at most. */
export const FAUCET_LIMIT = parseEther('10000')

/**
 * Deploys the arena, the maker of delegation vaults and the registry of relays, and a test token where no stake token is named.
 * @param options.token an ERC-20 that takes no fee and changes no balances by itself.
 * @throws ChainError and its kin, see `errors.ts`.
 */
export async function deployArena(
  rpc: PublicClient, wallet: ArenaWallet, options: TransactionOptions & { token?: Address } = {},
): Promise<Deployment> {
  const deploy = async (action: string, abi: Abi, bytecode: Hex, args: unknown[]) => {
    try {
      const nonce = await rpc.getTransactionCount({ address: wallet.account.address, blockTag: 'pending' })
      options.onState?.({ state: 'signing', action })
      const hash = await wallet.deployContract({ abi, bytecode, args, nonce })
      const receipt = await followTransaction(rpc, { hash, nonce, action, from: wallet.account.address }, options)
      if (!receipt.contractAddress) throw new ChainError(`"${action}" gave no contract (${hash}).`, 'Try again.')
      return { address: getAddress(receipt.contractAddress), block: receipt.blockNumber }
    } catch (error) {
      throw toChainError(error)
    }
  }
  const token = options.token
    ?? (await deploy('Deploy the test token', testTokenAbi, testTokenBytecode, ['Lanista test token', 'LANI', FAUCET_LIMIT])).address
  const annex = await deploy('Deploy the arena\'s annex', annexAbi, annexBytecode, [token])
  const backOffice = await deploy('Deploy the arena\'s back office', backOfficeAbi, backOfficeBytecode, [token, annex.address])
  const arena = await deploy('Deploy the arena', arenaAbi, arenaBytecode, [token, backOffice.address])
  const vaults = await deploy('Deploy the maker of delegation vaults', vaultFactoryAbi, vaultFactoryBytecode, [arena.address])
  const registry = await deploy('Deploy the registry of relays', relayRegistryAbi, relayRegistryBytecode, [])
  return {
    chainId: wallet.chain.id, block: Number(arena.block), arena: arena.address, token, registry: registry.address,
    vaults: vaults.address, faucet: options.token === undefined,
  }
}
