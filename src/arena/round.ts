/**
 * A whole round from what was revealed to who gets what: the twin of
 * `contracts/src/arena/Settlement.sol`, `Ranking.sol` and `Payments.sol`.
 */
import type { Address } from 'viem'
import { batchCount, batchRange, committeeOf } from './committees.ts'
import { judge, type Member, type Reason, type Verdict } from './consensus.ts'
import { BPS } from './fixedPoint.ts'
import type { Rules } from './parameters.ts'
import { gridStep, rankSubmissions } from './ranking.ts'
import { share, splitPools, trainerWeight } from './rewards.ts'
import { INVALID } from './scoreVector.ts'

/** An opened adapter, by index. Stakes are weight units as of opening. */
export interface RoundSubmission {
  trainer: Address
  /** Place among the round's commitments, from 1. */
  order: number
  weight: bigint
  own: bigint
  /** The part of `weight` that others delegated; 0 when left out. */
  delegated?: bigint
}

/** An enrolled validator, by index. */
export interface RoundValidator {
  validator: Address
  weight: bigint
  own: bigint
  /** The part of `weight` that others delegated; 0 when left out. */
  delegated?: bigint
  /** The batch whose vector was revealed, and the vector; or how far the validator got. */
  revealed: { batch: number; scores: readonly number[] } | 'notSealed' | 'notRevealed'
}

export interface RoundInput {
  rules: Rules
  submissions: readonly RoundSubmission[]
  validators: readonly RoundValidator[]
  /** Consensus that juries put in place of a committee's, by {@link itemKey}. */
  corrections?: ReadonlyMap<string, number>
  /** Validators whom a jury found right against their committee: nobody slashes them. */
  pardoned?: ReadonlySet<Address>
  /** Validators whom a jury found wrong with their committee: nobody pays them. */
  forfeited?: ReadonlySet<Address>
  /** Deals the committees; null where they are not needed. */
  seed: `0x${string}` | null
  /** Wei of bounty this round has to give: see `roundReward`. */
  reward: bigint
  /** Wei of the stake token in one weight unit. */
  weightUnit: bigint
  /** Wei of stake an account has left in the task: nobody is slashed by more. */
  stakeOf: (account: Address) => bigint
  /** Wei of delegated stake an account has left in the task. */
  backingOf?: (account: Address) => bigint
}

/** Somebody's stake was cut. */
export interface Slash {
  account: Address
  reason: Reason
  /** Wei of the stake token. */
  amount: bigint
  /** Wei of delegated stake, taken besides in the same proportion. */
  delegated?: bigint
}

/** Somebody's balance grew. */
export interface Payment {
  account: Address
  role: 'trainer' | 'validator'
  token: 'bounty' | 'stake'
  /** Wei. */
  amount: bigint
}

export interface RoundOutcome {
  /** By batch. */
  verdicts: Verdict[]
  /** By submission. */
  scores: { score: number; base: number }[]
  /** The round ends void: a batch's committee found that the rows are not those committed to. */
  badShard: boolean
  /** Submission indices, best first. */
  winners: number[]
  /** Submission indices of slashed trainers. */
  slashedSubmissions: number[]
  slashes: Slash[]
  payments: Payment[]
  /** Wei of bounty for either side, and what rolls over. */
  trainerReward: bigint
  validatorReward: bigint
  carry: bigint
  /** Wei of stake burned. */
  burned: bigint
}

/** What a round has to give: what was rolled over, and its even part of the rest of the pool. */
export const roundReward = (pool: bigint, carry: bigint, rounds: number, round: number): bigint =>
  carry + (pool - carry) / BigInt(rounds - round)

/** An item of a batch as `corrections` names it; item 0 is the base model. */
export const itemKey = (batch: number, item: number): string => `${batch}:${item}`

/** Members of a batch's committee as enrolment indices. */
export function membersOf(input: Pick<RoundInput, 'rules' | 'submissions' | 'validators' | 'seed'>, batch: number): number[] {
  return committeeOf(batch, input.validators.length, input.rules.committeeSize, input.seed)
}

/** Batches of a round with the submissions [from, to) of each. */
export function batchesOf(input: Pick<RoundInput, 'rules' | 'submissions' | 'validators'>): { from: number; to: number }[] {
  const m = input.submissions.length
  const count = batchCount(input.validators.length, m, input.rules.committeeSize, input.rules.batchSize)
  return Array.from({ length: count }, (_, batch) => batchRange(batch, count, m))
}

/** Everything that settling, ranking and paying a judged round comes to. */
export function settleRound(input: RoundInput): RoundOutcome {
  const { rules, submissions, validators } = input
  const ranges = batchesOf(input)
  const members = ranges.map((_, batch) => membersOf(input, batch))
  const verdicts = ranges.map(({ from, to }, batch) =>
    judge(members[batch]!.map(index => memberOf(validators[index]!, batch)), 1 + to - from, rules))
  const final = verdicts.map(({ consensus }, batch) => consensus.map((score, item) => input.corrections?.get(itemKey(batch, item)) ?? score))
  const scores = final.flatMap(([base, ...items]) => items.map(score => ({ score, base: base! })))
  const step = gridStep(final.map(consensus => consensus[0]!), rules.eta)
  const ranking = rankSubmissions(scores.map((scored, index) => ({ ...scored, order: submissions[index]!.order })), step, rules.margin)

  const slash = slasher(input)
  for (const { index, reason } of ranking.slashed) {
    const { trainer, own, delegated } = submissions[index]!
    slash.cut(trainer, { own, delegated }, reason === 'invalidAdapter' ? rules.slashInvalid : rules.slashWorse, reason)
  }
  verdicts.forEach(({ results }, batch) => {
    results.forEach((result, position) => {
      if (!('slashed' in result)) return
      const { validator, own, delegated } = validators[members[batch]![position]!]!
      if (input.pardoned?.has(validator)) return
      slash.cut(validator, { own, delegated }, slashBps(rules, result.slashed), result.slashed)
    })
  })

  const paid = verdicts.flatMap(({ results }, batch) => results.flatMap((result, position) => {
    const account = validators[members[batch]![position]!]!.validator
    return 'pay' in result && result.pay > 0n && !input.forfeited?.has(account) ? [{ account, pay: result.pay }] : []
  }))
  const validatorPay = paid.reduce((sum, { pay }) => sum + pay, 0n)
  const weights = ranking.winners.map((index, k) => trainerWeight(k + 1, rules.q, submissions[index]!.weight, rules.alpha))
  const trainerPay = weights.reduce((sum, weight) => sum + weight, 0n)
  let { pot, burned } = slash
  const trainerStake = submissions.reduce((sum, { own }) => sum + own, 0n)
  const validatorStake = verdicts.reduce((sum, verdict) => sum + verdict.validatorStake, 0n)
  const pools = splitPools(input.reward, rules.gamma, trainerStake, validatorStake)
  if (trainerPay === 0n) pools.trainers = 0n
  if (validatorPay === 0n) {
    pools.validators = 0n
    burned += pot
    pot = 0n
  }

  const payments: Payment[] = ranking.winners.map((index, k) => ({
    account: submissions[index]!.trainer, role: 'trainer', token: 'bounty', amount: share(pools.trainers, weights[k]!, trainerPay),
  }))
  for (const { account, pay } of paid) {
    payments.push({ account, role: 'validator', token: 'bounty', amount: share(pools.validators, pay, validatorPay) })
    const part = share(pot, pay, validatorPay)
    if (part > 0n) payments.push({ account, role: 'validator', token: 'stake', amount: part })
  }
  return {
    verdicts,
    scores,
    badShard: final.some(consensus => consensus[0] === INVALID),
    winners: ranking.winners,
    slashedSubmissions: ranking.slashed.map(({ index }) => index),
    slashes: slash.slashes,
    payments,
    trainerReward: pools.trainers,
    validatorReward: pools.validators,
    carry: input.reward - pools.trainers - pools.validators,
    burned,
  }
}

/** What a void round costs its creator and brings its trainers. */
export function voidRound(input: { bond: bigint; bps: number; submissions: number }): {
  slashed: bigint; shareEach: bigint; burned: bigint
} {
  const { bond, bps, submissions } = input
  if (bps === 0 || submissions === 0) return { slashed: 0n, shareEach: 0n, burned: 0n }
  const slashed = (bond * BigInt(bps)) / BPS
  const shareEach = slashed / 2n / BigInt(submissions)
  return { slashed, shareEach, burned: slashed - shareEach * BigInt(submissions) }
}

function memberOf({ weight, own, revealed }: RoundValidator, batch: number): Member {
  if (typeof revealed === 'string') return { weight, own, scores: revealed }
  return { weight, own, scores: revealed.batch === batch ? revealed.scores : 'notRevealed' }
}

function slashBps(rules: Rules, reason: Reason): number {
  if (reason === 'notSealed') return rules.slashNotSealed
  if (reason === 'notRevealed') return rules.slashNotRevealed
  return reason === 'deviant' ? rules.slashDeviant : rules.slashVerdict
}

/** Half of every slash goes to the honest validators' pot, the other half (and an odd wei) is burned. */
function slasher({ weightUnit, stakeOf, backingOf }: RoundInput) {
  const taken = new Map<Address, { own: bigint; delegated: bigint }>()
  const state = { slashes: [] as Slash[], pot: 0n, burned: 0n, cut }
  const part = (units: bigint, bps: number, left: bigint): bigint => {
    const wanted = (units * weightUnit * BigInt(bps)) / BPS
    return wanted < left ? wanted : left
  }
  function cut(account: Address, at: { own: bigint; delegated?: bigint }, bps: number, reason: Reason): void {
    const before = taken.get(account) ?? { own: 0n, delegated: 0n }
    const amount = part(at.own, bps, stakeOf(account) - before.own)
    const delegated = part(at.delegated ?? 0n, bps, (backingOf?.(account) ?? 0n) - before.delegated)
    taken.set(account, { own: before.own + amount, delegated: before.delegated + delegated })
    state.slashes.push({ account, reason, amount, ...(delegated > 0n && { delegated }) })
    const total = amount + delegated
    state.pot += total / 2n
    state.burned += total - total / 2n
  }
  return state
}
