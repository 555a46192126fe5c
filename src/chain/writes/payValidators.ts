import { encodeFunctionData, type TransactionReceipt } from 'viem'
import { arenaAbi } from '../abi.ts'
import type { ArenaWriter } from '../arena.ts'
import { send } from '../send.ts'
import type { TaskState } from '../state/taskState.ts'
import type { TransactionOptions } from '../transaction.ts'
import { verdictsOf } from './rank.ts'

/**
 * Credits the validators of one batch of a ranked round; the last batch ends the round. Anyone may.
 * @throws NotRankedError, AlreadyPaidError.
 */
export function payValidators(
  writer: ArenaWriter, { task, round, batch }: { task: TaskState; round: number; batch: number }, options?: TransactionOptions,
): Promise<TransactionReceipt> {
  const verdict = verdictsOf(task, task.rounds[round]!)[batch]!
  return send(writer, {
    to: writer.deployment.arena,
    action: 'Credit the validators',
    data: encodeFunctionData({ abi: arenaAbi, functionName: 'payValidators', args: [task.taskId, BigInt(round), BigInt(batch), verdict] }),
  }, options)
}
