import { concatHex, encodeFunctionData, type TransactionReceipt } from 'viem'
import { arenaAbi } from '../abi.ts'
import type { ArenaWriter } from '../arena.ts'
import { send } from '../send.ts'
import type { SignedSeal } from '../signedSeal.ts'
import type { TransactionOptions } from '../transaction.ts'

/**
 * Seals for validators who signed for it, in one transaction; anyone may send it. Good for first seals only:
 * one validator who has sealed by itself meanwhile makes the contract refuse them all.
 * @throws WrongPhaseError, NotEnrolledError, SealMismatchError (it names the validator whose signature is wrong).
 */
export function sealScoresFor(
  writer: ArenaWriter, { taskId, round, seals }: { taskId: bigint; round: number; seals: readonly SignedSeal[] }, options?: TransactionOptions,
): Promise<TransactionReceipt> {
  return send(writer, {
    to: writer.deployment.arena,
    action: 'Seal the scores of several validators',
    data: encodeFunctionData({
      abi: arenaAbi,
      functionName: 'sealFor',
      args: [taskId, BigInt(round), seals.map(({ validator }) => validator), seals.map(({ seal }) => seal),
        concatHex(seals.map(({ signature }) => signature))],
    }),
  }, options)
}
