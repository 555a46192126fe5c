import { encodeFunctionData, type Address, type TransactionReceipt } from 'viem'
import { arenaAbi } from '../abi.ts'
import { senderOf, type ArenaWriter } from '../arena.ts'
import { send } from '../send.ts'
import type { TransactionOptions } from '../transaction.ts'

/**
 * After the last round: credits a funder with its part of the bounty that no round gave away; claim it then.
 * @throws NothingToRefundError.
 */
export function refund(
  writer: ArenaWriter, { taskId, funder }: { taskId: bigint; funder?: Address }, options?: TransactionOptions,
): Promise<TransactionReceipt> {
  return send(writer, {
    to: writer.deployment.arena,
    action: 'Get the unspent bounty back',
    data: encodeFunctionData({ abi: arenaAbi, functionName: 'refund', args: [taskId, funder ?? senderOf(writer)] }),
  }, options)
}
