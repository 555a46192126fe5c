import { encodeFunctionData, type TransactionReceipt } from 'viem'
import { arenaAbi } from '../abi.ts'
import type { ArenaWriter } from '../arena.ts'
import { send } from '../send.ts'
import type { TransactionOptions } from '../transaction.ts'

/**
 * Credits trainers of a void round with their part of the creator's bond, by submission index. Anyone may.
 * @throws WrongPhaseError, AlreadyPaidError.
 */
export function payVoid(
  writer: ArenaWriter, { taskId, round, indices }: { taskId: bigint; round: number; indices: readonly number[] }, options?: TransactionOptions,
): Promise<TransactionReceipt> {
  return send(writer, {
    to: writer.deployment.arena,
    action: 'Credit the trainers of a void round',
    data: encodeFunctionData({ abi: arenaAbi, functionName: 'payVoid', args: [taskId, BigInt(round), indices.map(BigInt)] }),
  }, options)
}
