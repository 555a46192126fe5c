import { encodeFunctionData, type Address, type TransactionReceipt } from 'viem'
import { delegationVaultAbi } from '../abi.ts'
import type { ArenaWriter } from '../arena.ts'
import { send } from '../send.ts'
import type { TransactionOptions } from '../transaction.ts'

/**
 * Puts assets that lie idle in the sender's vault behind the sender in a task, where it has a role and a sharing ratio.
 * @param terms.amount wei of the stake token.
 * @throws NotOperatorError, NotIdleError (what is on notice does not count as idle), TooManyTasksError, WrongRoleError.
 */
export function backTask(
  writer: ArenaWriter, terms: { vault: Address; taskId: bigint; amount: bigint }, options?: TransactionOptions,
): Promise<TransactionReceipt> {
  return send(writer, {
    to: terms.vault,
    action: 'Put delegated stake into the task',
    data: encodeFunctionData({ abi: delegationVaultAbi, functionName: 'back', args: [terms.taskId, terms.amount] }),
  }, options)
}
