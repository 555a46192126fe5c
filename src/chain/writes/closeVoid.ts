import { encodeFunctionData, type TransactionReceipt } from 'viem'
import { arenaAbi } from '../abi.ts'
import type { ArenaWriter } from '../arena.ts'
import { send } from '../send.ts'
import type { TransactionOptions } from '../transaction.ts'

/**
 * Closes a void round: stakes are free again, a creator at fault pays. Anyone may.
 * @throws WrongPhaseError, EarlierRoundOpenError, NothingToDoError.
 */
export function closeVoid(
  writer: ArenaWriter, { taskId, round }: { taskId: bigint; round: number }, options?: TransactionOptions,
): Promise<TransactionReceipt> {
  return send(writer, {
    to: writer.deployment.arena,
    action: 'Close the void round',
    data: encodeFunctionData({ abi: arenaAbi, functionName: 'closeVoid', args: [taskId, BigInt(round)] }),
  }, options)
}
