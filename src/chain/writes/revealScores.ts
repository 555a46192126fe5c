import { concatHex, encodeFunctionData, type Address, type Hex, type TransactionReceipt } from 'viem'
import { packScores } from '../../arena/scoreVector.ts'
import { arenaAbi } from '../abi.ts'
import type { ArenaWriter } from '../arena.ts'
import { send } from '../send.ts'
import type { TransactionOptions } from '../transaction.ts'

/** What a validator sealed. */
export interface SealedScores {
  validator: Address
  scores: readonly number[]
  salt: Hex
}

/**
 * Reveals sealed scores of one batch: the sender's own, or those of several
 * validators who gave theirs to the sender (the salt proves that they did).
 * @throws WrongPhaseError, SealMismatchError, BadLengthError.
 */
export function revealScores(
  writer: ArenaWriter, { taskId, round, batch, reveals }: { taskId: bigint; round: number; batch: number; reveals: readonly SealedScores[] },
  options?: TransactionOptions,
): Promise<TransactionReceipt> {
  return send(writer, {
    to: writer.deployment.arena,
    action: 'Reveal the scores',
    data: encodeFunctionData({
      abi: arenaAbi,
      functionName: 'reveal',
      args: [taskId, BigInt(round), BigInt(batch), reveals.map(reveal => reveal.validator), reveals.map(reveal => reveal.salt),
        concatHex(reveals.map(reveal => packScores(reveal.scores)))],
    }),
  }, options)
}
