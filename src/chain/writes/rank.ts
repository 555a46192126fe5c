import { encodeFunctionData, type TransactionReceipt } from 'viem'
import { arenaAbi } from '../abi.ts'
import type { ArenaWriter } from '../arena.ts'
import { ChainError } from '../errors.ts'
import { send } from '../send.ts'
import { batchesIn, outcomeOf } from '../state/rounds.ts'
import type { RoundState, TaskState } from '../state/taskState.ts'
import type { TransactionOptions } from '../transaction.ts'
import { readWeightUnit } from '../reads/readWeightUnit.ts'

/**
 * Posts a final round's order and slashes in one call, which fixes its pools. Anyone may.
 * @throws WrongPhaseError, EarlierRoundOpenError, AlreadyRankedError, OutOfOrderError.
 */
export async function rank(
  writer: ArenaWriter, { task, round }: { task: TaskState; round: number }, options?: TransactionOptions,
): Promise<TransactionReceipt> {
  const state = task.rounds[round]!
  const outcome = outcomeOf(task, state, await readWeightUnit(writer))
  if (!outcome) throw new ChainError(`Round ${round + 1} has nothing to rank.`, 'Close it as void instead; anyone can.')
  const ranked = new Set(state.ranks.keys())
  // A trainer who lost a dispute is in the list too, and can still be slashed for the adapter.
  const slashed = new Set(state.slashes.filter(({ reason }) => reason === 'invalidAdapter' || reason === 'worseThanBase').map(({ account }) => account))
  return send(writer, {
    to: writer.deployment.arena,
    action: 'Rank the round',
    data: encodeFunctionData({
      abi: arenaAbi,
      functionName: 'rank',
      args: [task.taskId, BigInt(round), verdictsOf(task, state),
        outcome.winners.filter(index => !ranked.has(index)).map(BigInt),
        outcome.slashedSubmissions.filter(index => !slashed.has(state.submissions[index]!.trainer)).map(BigInt)],
    }),
  }, options)
}

/** A round's settled batches as the contract wants them back. */
export function verdictsOf(task: TaskState, round: RoundState) {
  return batchesIn(task, round).map((_, batch) => {
    const settled = round.settled.get(batch)
    if (!settled) throw new ChainError(`Batch ${batch} of round ${round.round + 1} is not settled.`, 'Settle it first; anyone can.')
    return settled.record
  })
}
