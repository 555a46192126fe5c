import { encodeFunctionData, type TransactionReceipt } from 'viem'
import { arenaAbi } from '../abi.ts'
import { senderOf, type ArenaWriter } from '../arena.ts'
import { send } from '../send.ts'
import type { TransactionOptions } from '../transaction.ts'
import { disputeIn, type JuryVerdict } from './sealJury.ts'

/**
 * Reveals the sender's verdict as a juror.
 * @throws WrongJuryPhaseError, NotAJurorError, SealMismatchError.
 */
export function revealJury(writer: ArenaWriter, verdict: JuryVerdict, options?: TransactionOptions): Promise<TransactionReceipt> {
  const { task, round, batch, item, score, salt } = verdict
  const seat = disputeIn(verdict).jurors.findIndex(({ juror }) => juror === senderOf(writer))
  return send(writer, {
    to: writer.deployment.arena,
    action: 'Reveal the jury\'s verdict',
    data: encodeFunctionData({
      abi: arenaAbi, functionName: 'revealJury',
      args: [task.taskId, BigInt(round), BigInt(batch), BigInt(item), BigInt(Math.max(0, seat)), score, salt],
    }),
  }, options)
}
