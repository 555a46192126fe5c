import { encodeFunctionData, type Address, type TransactionReceipt } from 'viem'
import { arenaAbi } from '../abi.ts'
import type { ArenaWriter } from '../arena.ts'
import { send } from '../send.ts'
import type { TransactionOptions } from '../transaction.ts'
import { approve } from './approve.ts'

/**
 * Adds to a task's bounty, approving the amount first. What no round pays out comes back in proportion.
 * @param terms.token the task's bounty token.
 * @throws InsufficientBalanceError, NoSuchTaskError, BadParameterError once the last round is being judged.
 */
export async function fundTask(
  writer: ArenaWriter, terms: { taskId: bigint; token: Address; amount: bigint }, options?: TransactionOptions,
): Promise<TransactionReceipt> {
  await approve(writer, { token: terms.token, amount: terms.amount }, options)
  return send(writer, {
    to: writer.deployment.arena,
    action: 'Add to the bounty',
    data: encodeFunctionData({ abi: arenaAbi, functionName: 'fund', args: [terms.taskId, terms.amount] }),
  }, options)
}
