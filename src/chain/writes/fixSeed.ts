import { encodeFunctionData, type TransactionReceipt } from 'viem'
import { arenaAbi } from '../abi.ts'
import type { ArenaWriter } from '../arena.ts'
import { send } from '../send.ts'
import type { TransactionOptions } from '../transaction.ts'

/**
 * Fixes the seed that deals validators into committees: once to ask for it, once more a block later to take it.
 * Needed only where more are enrolled than one committee holds. Anyone may call it.
 * @throws NothingToDoError, WrongPhaseError.
 */
export function fixSeed(
  writer: ArenaWriter, { taskId, round }: { taskId: bigint; round: number }, options?: TransactionOptions,
): Promise<TransactionReceipt> {
  return send(writer, {
    to: writer.deployment.arena,
    action: 'Deal the committees',
    data: encodeFunctionData({ abi: arenaAbi, functionName: 'fixSeed', args: [taskId, BigInt(round)] }),
  }, options)
}
