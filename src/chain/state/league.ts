/** The league table: a row per submission, best first. */
import type { Address, Hex } from 'viem'
import { digestToCid } from '../../arena/cid.ts'
import type { Reason } from '../../arena/consensus.ts'
import { ABSTAIN, INVALID } from '../../arena/scoreVector.ts'
import { outcomeOf } from './rounds.ts'
import type { RoundState, TaskState } from './taskState.ts'

export interface LeagueRow {
  taskId: bigint
  round: number
  index: number
  trainer: Address
  adapterDigest: Hex
  adapterCid: string
  /** Place among the round's commitments, from 1. */
  order: number
  batch: number
  /** `pending` before anything is revealed; `unjudged` when nobody gave a verdict. */
  verdict: 'pending' | 'score' | 'invalid' | 'unjudged'
  /** Micro-bits per byte: the submission's and the base model's. */
  score: number | null
  base: number | null
  /** From 1; null without one. Provisional until `final`. */
  rank: number | null
  /** Weight units. */
  weight: bigint
  /** Wei of bounty; expected until `final`. */
  reward: bigint
  /** Wei of stake taken, and why; expected until `final`. */
  slashed: bigint
  slashReason: Reason | null
  /** Whether the round's order and pools are fixed on chain. */
  final: boolean
}

/** A round's rows: ranked ones in order, then the others by score. */
export function leagueOf(task: TaskState, round: RoundState, weightUnit: bigint): LeagueRow[] {
  const outcome = round.validators.some(({ revealed }) => revealed !== null) ? outcomeOf(task, round, weightUnit) : null
  const final = round.rewards !== null
  const places = new Map(outcome?.winners.map((index, place) => [index, place + 1]))
  const pay = amounts(final ? round.payments.filter(({ role, token }) => role === 'trainer' && token === task.bountyToken) : outcome?.payments)
  const cuts = new Map((final ? round.slashes : outcome?.slashes ?? []).filter(({ reason }) => reason !== 'disputeLost').map(slash => [slash.account, slash]))
  const batches = outcome?.verdicts.flatMap(({ consensus }, batch) => Array<number>(consensus.length - 1).fill(batch)) ?? []
  const rows = round.submissions.map(({ index, trainer, adapterDigest, order, weight }): LeagueRow => {
    const { score, base } = outcome?.scores[index] ?? { score: null, base: null }
    const cut = cuts.get(trainer)
    return {
      taskId: task.taskId, round: round.round, index, trainer, adapterDigest, adapterCid: digestToCid(adapterDigest, 'dag-pb'), order, weight,
      batch: batches[index] ?? 0,
      verdict: score === null ? 'pending' : score === INVALID ? 'invalid' : score === ABSTAIN ? 'unjudged' : 'score',
      score: score !== null && score < ABSTAIN ? score : null,
      base: base !== null && base < ABSTAIN ? base : null,
      rank: (final ? round.ranks.get(index) : places.get(index)) ?? null,
      // Between ranking and paying, the reward is known but not credited yet.
      reward: pay.get(trainer) ?? (final ? amounts(outcome?.payments).get(trainer) : undefined) ?? 0n,
      slashed: cut?.amount ?? 0n,
      slashReason: cut?.reason ?? null,
      final,
    }
  })
  const key = (row: LeagueRow) => row.rank ?? 1e9 + (row.score ?? 2 ** 33)
  return rows.sort((a, b) => key(a) - key(b) || a.order - b.order)
}

function amounts(payments: readonly { account: Address; role: string; amount: bigint }[] | undefined): Map<Address, bigint> {
  return new Map(payments?.filter(({ role }) => role === 'trainer').map(({ account, amount }) => [account, amount]))
}
