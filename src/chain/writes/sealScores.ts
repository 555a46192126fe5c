import { encodeFunctionData, type Hex, type TransactionReceipt } from 'viem'
import { scoreSeal } from '../../arena/commitments.ts'
import { packScores } from '../../arena/scoreVector.ts'
import { arenaAbi } from '../abi.ts'
import { senderOf, type ArenaWriter } from '../arena.ts'
import { send } from '../send.ts'
import type { TransactionOptions } from '../transaction.ts'

/**
 * Seals the sender's scores of one batch; a later seal replaces it.
 * @param sealed.scores micro-bits per byte, `INVALID` or `ABSTAIN` per item; item 0 is the base model.
 * @param sealed.salt from `newSalt()`; store it and the scores first, they cannot be revealed without.
 * @throws WrongPhaseError, NotEnrolledError.
 */
export function sealScores(
  writer: ArenaWriter, sealed: { taskId: bigint; round: number; batch: number; scores: readonly number[]; salt: Hex },
  options?: TransactionOptions,
): Promise<TransactionReceipt> {
  const { taskId, round } = sealed
  const seal = scoreSeal({ ...sealed, validator: senderOf(writer), vector: packScores(sealed.scores) })
  return send(writer, {
    to: writer.deployment.arena,
    action: 'Seal the scores',
    data: encodeFunctionData({ abi: arenaAbi, functionName: 'seal', args: [taskId, BigInt(round), seal] }),
  }, options)
}
