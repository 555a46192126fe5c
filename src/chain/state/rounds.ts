/** What a round's state comes to: its phase, batches, committees, outcome. */
import type { Address } from 'viem'
import { batchCount, batchRange, committeeOf } from '../../arena/committees.ts'
import { phaseAt, phaseEnd, roundAt, type Phase } from '../../arena/phases.ts'
import { itemKey, roundReward, settleRound, type RoundInput, type RoundOutcome } from '../../arena/round.ts'
import { WAD } from '../../arena/fixedPoint.ts'
import { ABSTAIN, INVALID } from '../../arena/scoreVector.ts'
import type { RoundState, TaskState, ValidatorState } from './taskState.ts'

/** Batches of a round, as things stand; final from the end of `open` on. */
export function batchesIn(task: TaskState, round: RoundState): { from: number; to: number }[] {
  const { committeeSize, batchSize } = task.rules
  const count = batchCount(round.validators.length, round.submissions.length, committeeSize, batchSize)
  return Array.from({ length: count }, (_, batch) => batchRange(batch, count, round.submissions.length))
}

/** The validators of a batch by position; null while the committees are not dealt. */
export function committeeIn(task: TaskState, round: RoundState, batch: number): ValidatorState[] | null {
  const { validators, seed } = round
  if (validators.length > task.rules.committeeSize && seed === null) return null
  return committeeOf(batch, validators.length, task.rules.committeeSize, seed).map(index => validators[index]!)
}

/** The batch a validator is to judge; null when none, `undefined` while the committees are not dealt. */
export function batchOf(task: TaskState, round: RoundState, validator: Address): number | null | undefined {
  const batches = batchesIn(task, round)
  for (let batch = 0; batch < batches.length; batch++) {
    const committee = committeeIn(task, round, batch)
    if (committee === null) return undefined
    if (committee.some(member => member.validator === validator)) return batch
  }
  return null
}

/** A round's phase at a time in Unix seconds, `void` included (`State.phaseOf` of the contract). */
export function roundPhase(task: TaskState, round: RoundState, time: number): Phase {
  const phase = phaseAt(task.clock, round.round, time)
  if (phase === 'pending' || phase === 'submit' || phase === 'open') return phase
  if (round.key === null || round.submissions.length === 0 || round.validators.length === 0) return 'void'
  if (phase === 'validate' || phase === 'reveal' || phase === 'settle') return phase
  if (round.settled.size < batchesIn(task, round).length) return 'void'
  if (phase === 'final') {
    if (round.disputes.size > 0 && juryPhase(task, round, time) !== 'final') return 'dispute'
    const isBad = ([batch, { consensus }]: [number, { consensus: number[] }]) => (corrections(round).get(itemKey(batch, 0)) ?? consensus[0]) === INVALID
    if ([...round.settled].some(isBad)) return 'void'
  }
  return phase
}

/**
 * Where the juries of a disputed round are: `dispute` while more can be opened, then `validate` (seal),
 * `reveal` and `settle` (count), each as long as the round's own, then `final`.
 */
export function juryPhase(task: TaskState, round: RoundState, time: number): 'dispute' | 'validate' | 'reveal' | 'settle' | 'final' {
  let end = phaseEnd(task.clock, round.round, 'dispute')
  if (time < end) return 'dispute'
  return (['validate', 'reveal', 'settle'] as const).find(phase => time < (end += task.clock[phase])) ?? 'final'
}

/** When the jury's present phase ends, in Unix seconds; Infinity for `final`. */
export function juryPhaseEnd(task: TaskState, round: RoundState, time: number): number {
  let end = phaseEnd(task.clock, round.round, 'dispute')
  for (const phase of ['validate', 'reveal', 'settle'] as const) {
    if (time < end) return end
    end += task.clock[phase]
  }
  return time < end ? end : Infinity
}

/** What juries put in place of consensus. */
function corrections(round: RoundState): Map<string, number> {
  return new Map([...round.disputes].flatMap(([key, { outcome }]) => (outcome?.upheld ? [[key, outcome.score]] : [])))
}

/** Members whose verdict on a corrected item was the jury's, within the tolerance; or those whose verdict was not. */
function found(task: TaskState, round: RoundState, wrong: boolean): Set<Address> {
  const upheld = [...round.disputes.values()].filter(({ outcome }) => outcome?.upheld)
  return new Set(upheld.flatMap(({ batch, item, outcome }) => (committeeIn(task, round, batch) ?? [])
    .filter(({ revealed }) => {
      const score = revealed?.batch === batch ? revealed.scores[item] : undefined
      return score !== undefined && score !== ABSTAIN && differs(score, outcome!.score, task.rules.tolerance) === wrong
    })
    .map(({ validator }) => validator)))
}

/** Whether a score is not the true one, by kind or by more than the tolerance (`Juries._differs`). */
export function differs(score: number, truth: number, tolerance: bigint): boolean {
  if (score === truth) return false
  if (score >= ABSTAIN || truth >= ABSTAIN) return true
  return BigInt(Math.abs(score - truth)) * WAD > tolerance * BigInt(truth)
}

/**
 * A round with its phase, and when that ends (Unix seconds; Infinity for `final`).
 * @param index the current round when left out.
 */
export function roundView(task: TaskState, time: number, index = roundAt(task.clock, time)): { round: RoundState; phase: Phase; ends: number } {
  const round = task.rounds[index]
  if (!round) throw new RangeError(`Task ${task.taskId} has ${task.rounds.length} rounds; there is no round ${index + 1}.`)
  const phase = roundPhase(task, round, time)
  const ends = phase === 'dispute' ? juryPhaseEnd(task, round, time) : phaseEnd(task.clock, index, phaseAt(task.clock, index, time))
  return { round, phase, ends }
}

/** Wei of bounty the pool holds before a round is paid, and what of it was rolled over. */
export function poolBefore(task: TaskState, round: number): { pool: bigint; carry: bigint } {
  let pool = task.funded
  let carry = 0n
  for (const earlier of task.rounds.slice(0, round)) {
    const reward = roundReward(pool, carry, task.rounds.length, earlier.round)
    const paid = (earlier.rewards?.trainers ?? 0n) + (earlier.rewards?.validators ?? 0n)
    pool -= paid
    carry = reward - paid
  }
  return { pool, carry }
}

/** The round as `src/arena` settles it. */
export function roundInput(task: TaskState, round: RoundState, weightUnit: bigint): RoundInput {
  const { pool, carry } = poolBefore(task, round.round)
  return {
    rules: task.rules,
    submissions: round.submissions,
    validators: round.validators.map(({ validator, weight, own, sealed, revealed }) => ({
      validator, weight, own, revealed: revealed ?? (sealed ? 'notRevealed' : 'notSealed'),
    })),
    seed: round.seed,
    corrections: corrections(round),
    pardoned: found(task, round, false),
    forfeited: found(task, round, true),
    reward: roundReward(pool, carry, task.rounds.length, round.round),
    weightUnit,
    stakeOf: account => task.stakes.get(account)?.amount ?? 0n,
  }
}

/** What settling the round with what is revealed so far comes to; null while nothing can be judged. */
export function outcomeOf(task: TaskState, round: RoundState, weightUnit: bigint): RoundOutcome | null {
  if (round.submissions.length === 0 || round.validators.length === 0) return null
  if (round.validators.length > task.rules.committeeSize && round.seed === null) return null
  return settleRound(roundInput(task, round, weightUnit))
}
