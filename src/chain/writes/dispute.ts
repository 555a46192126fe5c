import { encodeFunctionData, type TransactionReceipt } from 'viem'
import { arenaAbi } from '../abi.ts'
import type { ArenaWriter } from '../arena.ts'
import { send } from '../send.ts'
import type { TaskState } from '../state/taskState.ts'
import type { TransactionOptions } from '../transaction.ts'
import { approve } from './approve.ts'

/**
 * Puts one item of a settled batch before a jury, in the dispute window. The bond is the task's smallest
 * validator's stake; it comes back with a part of the slashes when the jury finds otherwise, and is lost when not.
 * @param place.item 0 is the base model, i + 1 the batch's submission i.
 * @throws WrongPhaseError, AlreadyDisputedError, InsufficientBalanceError.
 */
export async function dispute(
  writer: ArenaWriter, place: { task: TaskState; round: number; batch: number; item: number }, options?: TransactionOptions,
): Promise<TransactionReceipt> {
  await approve(writer, { token: writer.deployment.token, amount: place.task.validatorMinStake }, options)
  return send(writer, {
    to: writer.deployment.arena,
    action: 'Dispute the score',
    data: encodeFunctionData({
      abi: arenaAbi, functionName: 'dispute', args: [place.task.taskId, BigInt(place.round), BigInt(place.batch), BigInt(place.item)],
    }),
  }, options)
}
