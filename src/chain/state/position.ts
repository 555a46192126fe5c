/** Where one account stands in a task and in its current round. */
import type { Address } from 'viem'
import { slashedFrom } from './accountTotals.ts'
import { batchOf } from './rounds.ts'
import type { RoundState, StakeState, TaskState } from './taskState.ts'

export interface Position {
  account: Address
  isCreator: boolean
  /** Null without a stake. */
  stake: StakeState | null
  /** Whether the stake could be withdrawn now. */
  withdrawable: boolean
  /** In the round asked for: its place in the order once sealed, its index once opened. */
  sealedOrder: number | null
  openedIndex: number | null
  enrolled: boolean
  /** Batch to judge; null when none, undefined while the committees are not dealt. */
  batch: number | null | undefined
  sealedScores: boolean
  revealedScores: boolean
  /** Wei that this round has credited so far, and taken. */
  earned: { token: Address; amount: bigint }[]
  slashed: bigint
}

/** @param time Unix seconds by the chain's clock. */
export function positionOf(task: TaskState, round: RoundState, account: Address, time: number): Position {
  const stake = task.stakes.get(account) ?? null
  const validator = round.validators.find(entry => entry.validator === account)
  const atRisk = stake?.lastRound !== null && stake?.lastRound !== undefined && !task.rounds[stake.lastRound]!.done
  return {
    account,
    isCreator: task.creator === account,
    stake,
    withdrawable: stake !== null && stake.amount > 0n && !atRisk && stake.lockUntil <= time,
    sealedOrder: round.commitments.get(account)?.order ?? null,
    openedIndex: round.submissions.find(entry => entry.trainer === account)?.index ?? null,
    enrolled: validator !== undefined,
    batch: validator ? batchOf(task, round, account) : null,
    sealedScores: validator?.sealed ?? false,
    revealedScores: validator?.revealed != null,
    earned: round.payments.filter(payment => payment.account === account).map(({ token, amount }) => ({ token, amount })),
    slashed: slashedFrom([round], account),
  }
}
