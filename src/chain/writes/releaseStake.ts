import { encodeFunctionData, type Address, type TransactionReceipt } from 'viem'
import { delegationVaultAbi } from '../abi.ts'
import type { ArenaWriter } from '../arena.ts'
import { send } from '../send.ts'
import type { TransactionOptions } from '../transaction.ts'

/**
 * Takes delegated stake out of a task into its vault, once no round is open there. Anyone may where the task
 * has ended; before, the operator, or a delegator on notice while too little lies idle.
 * @param terms.amount wei of the stake token.
 * @throws StakeBusyError, StillRunningError.
 */
export function releaseStake(
  writer: ArenaWriter, terms: { vault: Address; taskId: bigint; amount: bigint }, options?: TransactionOptions,
): Promise<TransactionReceipt> {
  return send(writer, {
    to: terms.vault,
    action: 'Take delegated stake out of the task',
    data: encodeFunctionData({ abi: delegationVaultAbi, functionName: 'release', args: [terms.taskId, terms.amount] }),
  }, options)
}
