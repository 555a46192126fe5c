import { concatHex, encodeFunctionData, type Hex, type TransactionReceipt } from 'viem'
import { judge } from '../../arena/consensus.ts'
import { packScores } from '../../arena/scoreVector.ts'
import { arenaAbi } from '../abi.ts'
import type { ArenaWriter } from '../arena.ts'
import { ChainError } from '../errors.ts'
import { send } from '../send.ts'
import { batchesIn, committeeIn } from '../state/rounds.ts'
import type { TaskState, ValidatorState } from '../state/taskState.ts'
import type { TransactionOptions } from '../transaction.ts'

/**
 * Settles a batch: posts every revealed vector and their consensus, which the contract checks. Anyone may.
 * @param task as read from the chain after the reveal phase; a vector left out makes the contract refuse.
 * @throws WrongPhaseError, AlreadySettledError, VectorMismatchError, NotTheMedianError.
 */
export async function settle(
  writer: ArenaWriter, { task, round, batch }: { task: TaskState; round: number; batch: number }, options?: TransactionOptions,
): Promise<TransactionReceipt> {
  const state = task.rounds[round]!
  const committee = committeeIn(task, state, batch)
  const range = batchesIn(task, state)[batch]
  if (committee === null || range === undefined) {
    throw new ChainError(`Batch ${batch} of round ${round + 1} has no committee yet.`, 'Deal the committees first; anyone can.')
  }
  const vectors = committee.map(({ revealed }) => (revealed?.batch === batch ? revealed : null))
  const { consensus } = judge(
    committee.map(({ weight, own, sealed }, position) => ({
      weight, own, scores: vectors[position]?.scores ?? (sealed ? 'notRevealed' : 'notSealed'),
    })),
    1 + range.to - range.from, task.rules)
  return send(writer, {
    to: writer.deployment.arena,
    action: 'Settle the scores',
    data: encodeFunctionData({
      abi: arenaAbi,
      functionName: 'settle',
      args: [task.taskId, BigInt(round), BigInt(batch), packScores(consensus),
        revealedVectors(committee, batch)],
    }),
  }, options)
}

/** The vectors of all who revealed for a batch, in the order of their positions. */
export function revealedVectors(committee: readonly ValidatorState[], batch: number): Hex {
  return concatHex(committee.flatMap(({ revealed }) => (revealed?.batch === batch ? [revealed.vector] : [])))
}
