import { encodeFunctionData, type TransactionReceipt, type Hex } from 'viem'
import { arenaAbi } from '../abi.ts'
import type { ArenaWriter } from '../arena.ts'
import { send } from '../send.ts'
import type { TransactionOptions } from '../transaction.ts'

/**
 * Publishes the key of a round's hidden shard, in the open phase; whoever knows it may.
 * @throws WrongPhaseError, KeyMismatchError, KeyAlreadyRevealedError.
 */
export function revealKey(
  writer: ArenaWriter, { taskId, round, key }: { taskId: bigint; round: number; key: Hex }, options?: TransactionOptions,
): Promise<TransactionReceipt> {
  return send(writer, {
    to: writer.deployment.arena,
    action: 'Reveal the shard key',
    data: encodeFunctionData({ abi: arenaAbi, functionName: 'revealKey', args: [taskId, BigInt(round), key] }),
  }, options)
}
