import type { Address } from 'viem'
import { arenaAbi, delegationVaultAbi } from '../abi.ts'
import type { ArenaReader } from '../arena.ts'
import { toChainError } from '../errors.ts'

/** One amount that a vault earned and shared out. */
export interface Earning {
  /** As `claimEarnings` takes it. */
  number: number
  token: Address
  /** Wei for all delegators, and the account's part. */
  amount: bigint
  part: bigint
  claimed: boolean
}

/** What a vault has shared out so far, oldest first, and what of it is an account's. */
export async function readEarnings({ rpc }: ArenaReader, { vault, account }: { vault: Address; account: Address }): Promise<Earning[]> {
  const at = { address: vault, abi: delegationVaultAbi } as const
  try {
    const count = Number(await rpc.readContract({ ...at, functionName: 'distributionCount' }))
    return await Promise.all(Array.from({ length: count }, async (_, number): Promise<Earning> => {
      const [{ token, amount }, part, claimed] = await Promise.all([
        rpc.readContract({ ...at, functionName: 'distributionOf', args: [BigInt(number)] }),
        rpc.readContract({ ...at, functionName: 'partOf', args: [BigInt(number), account] }),
        rpc.readContract({ ...at, functionName: 'hasClaimed', args: [BigInt(number), account] }),
      ])
      return { number, token, amount, part, claimed }
    }))
  } catch (error) {
    throw toChainError(error)
  }
}

/**
 * Wei that a round credited to an operator's vault and that nobody harvested yet. A bounty in the stake token
 * counts as stake.
 */
export async function readUncollected(
  { rpc, deployment }: ArenaReader, { taskId, round, operator }: { taskId: bigint; round: number; operator: Address },
): Promise<{ bounty: bigint; stake: bigint }> {
  try {
    const { bounty, stake } = await rpc.readContract({
      address: deployment.arena, abi: arenaAbi, functionName: 'shareOf', args: [taskId, BigInt(round), operator],
    })
    return { bounty, stake }
  } catch (error) {
    throw toChainError(error)
  }
}
