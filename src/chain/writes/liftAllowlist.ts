import { encodeFunctionData, type TransactionReceipt } from 'viem'
import { arenaAbi } from '../abi.ts'
import type { ArenaWriter } from '../arena.ts'
import { send } from '../send.ts'
import type { TransactionOptions } from '../transaction.ts'

/**
 * Lifts a task's list of guests for good; only its creator can.
 * @throws NotCreatorError.
 */
export function liftAllowlist(
  writer: ArenaWriter, { taskId }: { taskId: bigint }, options?: TransactionOptions,
): Promise<TransactionReceipt> {
  return send(writer, {
    to: writer.deployment.arena,
    action: 'Open the task to everyone',
    data: encodeFunctionData({ abi: arenaAbi, functionName: 'liftAllowlist', args: [taskId] }),
  }, options)
}
