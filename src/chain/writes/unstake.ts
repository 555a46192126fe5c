import { encodeFunctionData, type TransactionReceipt } from 'viem'
import { arenaAbi } from '../abi.ts'
import type { ArenaWriter } from '../arena.ts'
import { send } from '../send.ts'
import type { TransactionOptions } from '../transaction.ts'

/**
 * Withdraws some of the sender's own stake.
 * @throws StakeBusyError, StakeLockedError, InsufficientStakeError.
 */
export function unstake(
  writer: ArenaWriter, { taskId, amount }: { taskId: bigint; amount: bigint }, options?: TransactionOptions,
): Promise<TransactionReceipt> {
  return send(writer, {
    to: writer.deployment.arena,
    action: 'Withdraw stake',
    data: encodeFunctionData({ abi: arenaAbi, functionName: 'unstake', args: [taskId, amount] }),
  }, options)
}
