import { encodeFunctionData, type TransactionReceipt } from 'viem'
import { arenaAbi } from '../abi.ts'
import type { ArenaWriter } from '../arena.ts'
import { send } from '../send.ts'
import type { TransactionOptions } from '../transaction.ts'

/**
 * Enrolls the sender's stake as a validator of a round, while it takes submissions or opens them.
 * Who enrolls and does not seal scores is slashed.
 * @throws WrongPhaseError, InsufficientStakeError, WrongRoleError, AlreadyEnrolledError.
 */
export function enroll(
  writer: ArenaWriter, { taskId, round }: { taskId: bigint; round: number }, options?: TransactionOptions,
): Promise<TransactionReceipt> {
  return send(writer, {
    to: writer.deployment.arena,
    action: 'Enroll as a validator',
    data: encodeFunctionData({ abi: arenaAbi, functionName: 'enroll', args: [taskId, BigInt(round)] }),
  }, options)
}
