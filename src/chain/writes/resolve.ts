import { encodeFunctionData, type TransactionReceipt } from 'viem'
import { weightedLowerMedian } from '../../arena/median.ts'
import { ABSTAIN } from '../../arena/scoreVector.ts'
import { arenaAbi } from '../abi.ts'
import type { ArenaWriter } from '../arena.ts'
import { ChainError } from '../errors.ts'
import { send } from '../send.ts'
import { committeeIn } from '../state/rounds.ts'
import type { TaskState } from '../state/taskState.ts'
import type { TransactionOptions } from '../transaction.ts'
import { verdictsOf } from './rank.ts'
import { disputeIn } from './sealJury.ts'
import { revealedVectors } from './settle.ts'

/**
 * Counts a jury. Anyone may.
 * @throws WrongJuryPhaseError, NoSuchDisputeError, NotTheMedianError.
 */
export async function resolve(
  writer: ArenaWriter, place: { task: TaskState; round: number; batch: number; item: number }, options?: TransactionOptions,
): Promise<TransactionReceipt> {
  const { task, round, batch, item } = place
  const state = task.rounds[round]!
  const votes = disputeIn(place).jurors.flatMap(({ weight, score }) => (score === null || score === ABSTAIN ? [] : [{ value: score, weight }]))
  const committee = committeeIn(task, state, batch)
  if (!committee) throw new ChainError(`Batch ${batch} of round ${round + 1} has no committee.`, 'Read the task again.')
  return send(writer, {
    to: writer.deployment.arena,
    action: 'Count the jury',
    data: encodeFunctionData({
      abi: arenaAbi, functionName: 'resolve',
      args: [task.taskId, BigInt(round), BigInt(batch), BigInt(item), weightedLowerMedian(votes) ?? ABSTAIN,
        verdictsOf(task, state)[batch]!, revealedVectors(committee, batch)],
    }),
  }, options)
}
