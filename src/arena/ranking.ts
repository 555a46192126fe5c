/**
 * The order of a round (`contracts/src/libraries/Order.sol`, `arena/Ranking.sol`).
 *
 * Scores are compared on a grid whose step is eta times the base model's score:
 * what falls into one cell is equal and goes to the earlier commitment. So a
 * near-copy gains nothing, and a prober learns only cells (Blum and Hardt,
 * "The Ladder", 2015).
 */
import { mulWad, WAD } from './fixedPoint.ts'
import { ABSTAIN, INVALID } from './scoreVector.ts'

/** A submission's consensus, its batch's base model, and its place among commitments. */
export interface Scored {
  score: number
  base: number
  order: number
}

const isNumber = (score: number): boolean => score < ABSTAIN

/** Step of the grid in micro-bits per byte, at least 1. `lowestBase`: the lowest base score of all batches. */
export function gridStep(bases: readonly number[], eta: bigint): number {
  const lowest = Math.min(ABSTAIN, ...bases)
  return Math.max(1, Number(mulWad(BigInt(lowest), eta)))
}

/** Whether a score has a rank: it is in a lower cell than the base model. */
export const wins = ({ score, base }: Scored, step: number): boolean =>
  isNumber(score) && isNumber(base) && Math.floor(score / step) < Math.floor(base / step)

/** Whether a score is worse than the base model by more than the margin. */
export const isWorse = ({ score, base }: Scored, margin: bigint): boolean =>
  isNumber(score) && isNumber(base) && BigInt(score) * WAD > BigInt(base) * (WAD + margin)

/** Indices of winners, best first, and of those to be slashed, with the reason. */
export function rankSubmissions(submissions: readonly Scored[], step: number, margin: bigint): {
  winners: number[]
  slashed: { index: number; reason: 'invalidAdapter' | 'worseThanBase' }[]
} {
  const winners: number[] = []
  const slashed: { index: number; reason: 'invalidAdapter' | 'worseThanBase' }[] = []
  submissions.forEach((submission, index) => {
    if (wins(submission, step)) winners.push(index)
    else if (submission.score === INVALID) slashed.push({ index, reason: 'invalidAdapter' })
    else if (isWorse(submission, margin)) slashed.push({ index, reason: 'worseThanBase' })
  })
  const cell = (index: number) => Math.floor(submissions[index]!.score / step)
  winners.sort((a, b) => cell(a) - cell(b) || submissions[a]!.order - submissions[b]!.order)
  return { winners, slashed }
}
