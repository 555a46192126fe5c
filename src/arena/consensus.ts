/**
 * What a committee's revealed vectors come to (`contracts/src/libraries/Consensus.sol`
 * and `Settlement.sol`): per item the stake-weighted lower median of all scores
 * but ABSTAIN, with INVALID above every number; per member its pay weight or what
 * it is slashed for.
 */
import { WAD } from './fixedPoint.ts'
import { weightedLowerMedian } from './median.ts'
import type { Rules } from './parameters.ts'
import { quality, validatorWeight } from './rewards.ts'
import { ABSTAIN, INVALID } from './scoreVector.ts'

/** Why somebody was slashed; in the order of the contract's enum. */
export const REASONS = [
  'invalidAdapter', 'worseThanBase', 'notSealed', 'notRevealed', 'deviant', 'wrongVerdict', 'keyWithheld', 'shardMismatch',
  'disputeLost', 'disputeUpheld',
] as const
export type Reason = (typeof REASONS)[number]

/** A committee member, by position. Stakes are weight units as of enrolment. */
export interface Member {
  weight: bigint
  own: bigint
  /** The revealed vector, or how far the member got. */
  scores: readonly number[] | 'notSealed' | 'notRevealed'
}

/** One member's result: a pay weight, or a reason to be slashed. */
export type MemberResult = { pay: bigint } | { slashed: Reason }

export interface Verdict {
  /** Per item, item 0 the base model. */
  consensus: number[]
  /** Per position of the committee. */
  results: MemberResult[]
  /** Sum of pay weights. */
  validatorPay: bigint
  /** Own stake of all who revealed. */
  validatorStake: bigint
}

/** Per item the weighted lower median; ABSTAIN where nobody gave a verdict. */
export function consensusOf(revealed: readonly { scores: readonly number[]; weight: bigint }[], items: number): number[] {
  return Array.from({ length: items }, (_, item) => weightedLowerMedian(revealed
    .filter(({ scores }) => scores[item] !== ABSTAIN)
    .map(({ scores, weight }) => ({ value: scores[item]!, weight }))) ?? ABSTAIN)
}

/** Judges a batch of `items` (the base model and its submissions). */
export function judge(members: readonly Member[], items: number, rules: Rules): Verdict {
  const revealed = members.flatMap(({ scores, weight }) => (typeof scores === 'string' ? [] : [{ scores, weight }]))
  if (revealed.length < rules.quorum) {
    return {
      consensus: Array<number>(items).fill(ABSTAIN),
      results: members.map(({ scores }) => (typeof scores === 'string' ? { slashed: scores } : { pay: 0n })),
      validatorPay: 0n,
      validatorStake: 0n,
    }
  }
  const consensus = consensusOf(revealed, items)
  const judged = consensus.filter(score => score !== ABSTAIN).length
  const verdicts = consensus.map((_, item) => verdictWeights(revealed, item))
  let validatorPay = 0n
  let validatorStake = 0n
  const results = members.map(({ scores, weight, own }): MemberResult => {
    if (typeof scores === 'string') return { slashed: scores }
    validatorStake += own
    if (scores.some((score, item) => opposes(score, verdicts[item]!))) return { slashed: 'wrongVerdict' }
    const distance = distanceOf(scores, consensus, rules.tolerance)
    if (2 * distance.outliers > distance.answered) return { slashed: 'deviant' }
    const pay = validatorWeight(quality(distance, judged, rules.lambda), weight, rules.alpha)
    validatorPay += pay
    return { pay }
  })
  return { consensus, results, validatorPay, validatorStake }
}

/** How one vector compares with the consensus; each item counts at most 1. */
function distanceOf(scores: readonly number[], consensus: readonly number[], tolerance: bigint) {
  let sum = 0n
  let answered = 0
  let outliers = 0
  scores.forEach((score, item) => {
    const median = consensus[item]!
    if (score === ABSTAIN || median === ABSTAIN) return
    answered++
    if (score === median) return
    let ratio = WAD
    if (score !== INVALID && median !== INVALID && median !== 0) {
      const exact = BigInt(Math.abs(score - median)) * (WAD / BigInt(median))
      if (exact < WAD) ratio = exact
    }
    sum += ratio
    if (ratio > tolerance) outliers++
  })
  return { sum, answered, outliers }
}

/** Weight of all verdicts on an item, and of INVALID among them. */
function verdictWeights(revealed: readonly { scores: readonly number[]; weight: bigint }[], item: number) {
  let all = 0n
  let invalid = 0n
  for (const { scores, weight } of revealed) {
    if (scores[item] === ABSTAIN) continue
    all += weight
    if (scores[item] === INVALID) invalid += weight
  }
  return { all, invalid }
}

/** Whether a verdict calls an item INVALID, or a number, against two thirds of the weight. */
function opposes(score: number, { all, invalid }: { all: bigint; invalid: bigint }): boolean {
  if (score === ABSTAIN) return false
  const others = score === INVALID ? all - invalid : invalid
  return 3n * others >= 2n * all
}
