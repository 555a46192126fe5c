import { encodeFunctionData, type TransactionReceipt } from 'viem'
import { arenaAbi } from '../abi.ts'
import type { ArenaWriter } from '../arena.ts'
import { send } from '../send.ts'
import type { TransactionOptions } from '../transaction.ts'

/**
 * Credits winners of a ranked round, by submission index; they claim it later. Anyone may.
 * @throws NotRankedError, NotAWinnerError, AlreadyPaidError.
 */
export function payTrainers(
  writer: ArenaWriter, { taskId, round, indices }: { taskId: bigint; round: number; indices: readonly number[] }, options?: TransactionOptions,
): Promise<TransactionReceipt> {
  return send(writer, {
    to: writer.deployment.arena,
    action: 'Credit the trainers',
    data: encodeFunctionData({ abi: arenaAbi, functionName: 'payTrainers', args: [taskId, BigInt(round), indices.map(BigInt)] }),
  }, options)
}
