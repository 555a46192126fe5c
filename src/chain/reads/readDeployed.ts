import type { Address, PublicClient } from 'viem'
import { arenaAbi, vaultFactoryAbi } from '../abi.ts'
import { deploymentSchema, type Deployment } from '../deployments.ts'
import { toChainError } from '../errors.ts'

/**
 * Whether a noted deployment is really there: code at every address, and contracts that name each other.
 * @param noted an entry of `deployments.json`; anything.
 * @returns null where it is not, as on a local chain that was started anew.
 */
export async function readDeployed(rpc: PublicClient, chainId: number, noted: unknown): Promise<Deployment | null> {
  const parsed = deploymentSchema.safeParse(noted)
  if (!parsed.success || parsed.data.chainId !== chainId) return null
  const { arena, token, registry, vaults } = parsed.data
  try {
    const codes = await Promise.all([arena, token, registry, vaults].map(address => rpc.getCode({ address })))
    if (codes.some(code => code === undefined)) return null
    const [stakeToken, arenaOfVaults] = await Promise.all<Address>([
      rpc.readContract({ address: arena, abi: arenaAbi, functionName: 'stakeToken' }),
      rpc.readContract({ address: vaults, abi: vaultFactoryAbi, functionName: 'arena' }),
    ])
    return stakeToken === token && arenaOfVaults === arena ? parsed.data : null
  } catch (error) {
    const known = toChainError(error)
    // A contract that does not answer to this is another one.
    if (known.name === 'ContractError') return null
    throw known
  }
}
