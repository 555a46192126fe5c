import { encodeFunctionData, type TransactionReceipt } from 'viem'
import { arenaAbi } from '../abi.ts'
import type { ArenaWriter } from '../arena.ts'
import { send } from '../send.ts'
import type { TransactionOptions } from '../transaction.ts'

/**
 * Closes a dispute that nobody counted in time: its bond is burned, the consensus stays. Anyone may.
 * @throws WrongJuryPhaseError, NoSuchDisputeError.
 */
export function lapse(
  writer: ArenaWriter, place: { taskId: bigint; round: number; batch: number; item: number }, options?: TransactionOptions,
): Promise<TransactionReceipt> {
  return send(writer, {
    to: writer.deployment.arena,
    action: 'Close the uncounted dispute',
    data: encodeFunctionData({ abi: arenaAbi, functionName: 'lapse', args: [place.taskId, BigInt(place.round), BigInt(place.batch), BigInt(place.item)] }),
  }, options)
}
