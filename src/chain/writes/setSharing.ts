import { encodeFunctionData, type TransactionReceipt } from 'viem'
import { arenaAbi } from '../abi.ts'
import type { ArenaWriter } from '../arena.ts'
import { send } from '../send.ts'
import type { TransactionOptions } from '../transaction.ts'

/**
 * Sets the sender's sharing ratio in a task: the part of a reward that comes before any sharing with delegators.
 * It is frozen from two days before the task's end, save for the first time.
 * @param terms.sigma wad; 10^18 keeps everything.
 * @throws SharingFrozenError, BadParameterError.
 */
export function setSharing(
  writer: ArenaWriter, terms: { taskId: bigint; sigma: bigint }, options?: TransactionOptions,
): Promise<TransactionReceipt> {
  return send(writer, {
    to: writer.deployment.arena,
    action: 'Set the sharing ratio',
    data: encodeFunctionData({ abi: arenaAbi, functionName: 'setSharing', args: [terms.taskId, terms.sigma] }),
  }, options)
}
