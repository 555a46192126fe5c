import { encodeFunctionData, zeroAddress, type Address } from 'viem'
import { arenaAbi, vaultFactoryAbi } from '../abi.ts'
import { senderOf, type ArenaWriter } from '../arena.ts'
import { send } from '../send.ts'
import type { TransactionOptions } from '../transaction.ts'

/**
 * Makes the sender's delegation vault, whose code everybody knows, and names it to the arena for good.
 * Whoever has one gets that one; a call that was cut off between the two steps goes on with the second.
 * @param terms.name of the vault's shares, an ERC-20.
 * @throws VaultKnownError when the sender named another vault before.
 */
export async function makeVault(
  writer: ArenaWriter, terms: { name: string; symbol: string }, options?: TransactionOptions,
): Promise<Address> {
  const { rpc, deployment } = writer
  const madeVault = () => rpc.readContract({
    address: deployment.vaults, abi: vaultFactoryAbi, functionName: 'vaultOf', args: [senderOf(writer)],
  })
  if (await madeVault() === zeroAddress) {
    await send(writer, {
      to: deployment.vaults,
      action: 'Make the delegation vault',
      data: encodeFunctionData({ abi: vaultFactoryAbi, functionName: 'make', args: [terms.name, terms.symbol] }),
    }, options)
  }
  const vault = await madeVault()
  const named = await rpc.readContract({ address: deployment.arena, abi: arenaAbi, functionName: 'vaultOf', args: [senderOf(writer)] })
  if (named === vault) return vault
  await send(writer, {
    to: deployment.arena,
    action: 'Name the vault to the arena',
    data: encodeFunctionData({ abi: arenaAbi, functionName: 'setVault', args: [vault] }),
  }, options)
  return vault
}
