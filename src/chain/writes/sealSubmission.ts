import { encodeFunctionData, type Hex, type TransactionReceipt } from 'viem'
import { submissionCommitment } from '../../arena/commitments.ts'
import { arenaAbi } from '../abi.ts'
import { senderOf, type ArenaWriter } from '../arena.ts'
import { send } from '../send.ts'
import type { TransactionOptions } from '../transaction.ts'

/**
 * Seals an adapter in a round; a later seal replaces it and takes its later place in the order.
 * @param sealed.adapterDigest `cidToDigest(adapterCid, 'dag-pb')`.
 * @param sealed.salt from `newSalt()`; store it first, the submission cannot be opened without it.
 * @throws WrongPhaseError, InsufficientStakeError, WrongRoleError.
 */
export function sealSubmission(
  writer: ArenaWriter, sealed: { taskId: bigint; round: number; adapterDigest: Hex; salt: Hex }, options?: TransactionOptions,
): Promise<TransactionReceipt> {
  const commitment = submissionCommitment({ ...sealed, trainer: senderOf(writer) })
  return send(writer, {
    to: writer.deployment.arena,
    action: 'Seal the submission',
    data: encodeFunctionData({ abi: arenaAbi, functionName: 'submit', args: [sealed.taskId, BigInt(sealed.round), commitment] }),
  }, options)
}
