import { encodeFunctionData, type TransactionReceipt, type Hex } from 'viem'
import { arenaAbi } from '../abi.ts'
import type { ArenaWriter } from '../arena.ts'
import { send } from '../send.ts'
import type { TransactionOptions } from '../transaction.ts'

/**
 * Opens the sender's sealed adapter: tells its CID's digest and the salt.
 * @throws WrongPhaseError, CommitmentMismatchError.
 */
export function openSubmission(
  writer: ArenaWriter, { taskId, round, adapterDigest, salt }: { taskId: bigint; round: number; adapterDigest: Hex; salt: Hex }, options?: TransactionOptions,
): Promise<TransactionReceipt> {
  return send(writer, {
    to: writer.deployment.arena,
    action: 'Open the submission',
    data: encodeFunctionData({ abi: arenaAbi, functionName: 'open', args: [taskId, BigInt(round), adapterDigest, salt] }),
  }, options)
}
