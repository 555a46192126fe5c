/** A committee that lies, and a jury that says so. */
import { keccak256, parseEther, toHex } from 'viem'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startLocalArena, type LocalArena } from '../../tests/helpers/localArena.ts'
import { newSalt } from '../arena/commitments.ts'
import { defaultRules } from '../arena/defaultRules.ts'
import { phaseEnd } from '../arena/phases.ts'
import { INVALID } from '../arena/scoreVector.ts'
import { keyCommitment } from '../arena/sealedShard.ts'
import { senderOf, type ArenaWriter } from './arena.ts'
import { readTask } from './reads/readTask.ts'
import { leagueOf } from './state/league.ts'
import { juryPhase, roundPhase } from './state/rounds.ts'
import type { TaskState } from './state/taskState.ts'
import { createTask } from './writes/createTask.ts'
import { dispute } from './writes/dispute.ts'
import { enroll } from './writes/enroll.ts'
import { openSubmission } from './writes/openSubmission.ts'
import { revealJury } from './writes/revealJury.ts'
import { revealKey } from './writes/revealKey.ts'
import { revealScores } from './writes/revealScores.ts'
import { sealJury } from './writes/sealJury.ts'
import { sealScores } from './writes/sealScores.ts'
import { sealSubmission } from './writes/sealSubmission.ts'
import { stake } from './writes/stake.ts'
import { tick } from './writes/tick.ts'

const WORD = keccak256(toHex('a word'))
const BASE = 2_000_000
const TRUE_SCORE = 1_500_000
/** Behind the base by more than the margin of 5 %. */
const WORSE = 2_500_000
const round = 0

let arena: LocalArena
beforeAll(async () => { arena = await startLocalArena() })
afterAll(() => arena.stop())

/** A round of one batch whose scores are settled: its disputes can begin. */
interface Round {
  creator: ArenaWriter
  trainers: ArenaWriter[]
  committee: ArenaWriter[]
  /** One of the committee, and three who had no part. */
  jury: ArenaWriter[]
  taskId: bigint
  read: () => Promise<{ task: TaskState; time: number }>
}

/** @param scores a row per committee member: the base, then an adapter per trainer. */
async function settledRound(scores: number[][]): Promise<Round> {
  const [creator, ...writers] = await Promise.all(range(1, 9).map(index => arena.writer(index))) as [ArenaWriter, ...ArenaWriter[]]
  const validators = writers.splice(0, 6)
  const trainers = writers.slice(0, scores[0]!.length - 1)
  const { taskId } = await createTask(creator, {
    specDigest: WORD, bounty: parseEther('100'), bond: parseEther('100'), trainerMinStake: parseEther('10'), validatorMinStake: parseEther('10'),
    clock: { start: 0, submit: 1000, open: 1000, validate: 1000, reveal: 1000, settle: 1000, dispute: 1000 },
    rules: { ...defaultRules, committeeSize: 3 }, shards: [{ keyHash: keyCommitment(WORD), plaintextDigest: WORD }],
  })
  const read = () => readTask(creator, taskId)
  const { task } = await read()
  const passed = (phase: Parameters<typeof phaseEnd>[2]) => arena.travel(phaseEnd(task.clock, round, phase))

  for (const trainer of trainers) await stake(trainer, { taskId, role: 'trainer', amount: parseEther('100') })
  for (const validator of validators) await stake(validator, { taskId, role: 'validator', amount: parseEther('100') })
  const adapters = trainers.map((_, index) => ({ taskId, round, adapterDigest: keccak256(toHex(`adapter ${index}`)), salt: WORD }))
  for (const [index, trainer] of trainers.entries()) await sealSubmission(trainer, adapters[index]!)
  const committee = validators.slice(0, 3)
  for (const member of committee) await enroll(member, { taskId, round })
  await passed('submit')
  for (const [index, trainer] of trainers.entries()) await openSubmission(trainer, adapters[index]!)
  await revealKey(creator, { taskId, round, key: WORD })
  await passed('open')
  const reveals = committee.map((member, index) => ({ validator: senderOf(member), scores: scores[index]!, salt: newSalt() }))
  for (const [index, member] of committee.entries()) await sealScores(member, { taskId, round, batch: 0, ...reveals[index]! })
  await passed('validate')
  await revealScores(creator, { taskId, round, batch: 0, reveals })
  await passed('reveal')
  await tick(creator, taskId)
  await passed('settle')
  return { creator, trainers, committee, jury: validators.slice(2), taskId, read }
}

/** The jury finds a score for an item that is disputed; then the round is settled to its end. */
async function judged({ creator, jury, taskId, read }: Round, item: number, score: number): Promise<TaskState> {
  const { task: { clock } } = await read()
  const end = phaseEnd(clock, round, 'dispute')
  await arena.travel(end)
  const { task, time } = await read()
  expect([roundPhase(task, task.rounds[0]!, time), juryPhase(task, task.rounds[0]!, time)]).toEqual(['dispute', 'validate'])
  const verdict = async () => ({ task: (await read()).task, round, batch: 0, item, score, salt: WORD })
  for (const juror of jury) await sealJury(juror, await verdict())
  await arena.travel(end + clock.validate)
  for (const juror of jury) await revealJury(juror, await verdict())
  await arena.travel(end + clock.validate + clock.reveal)
  expect((await tick(creator, taskId)).map(({ kind }) => kind)).toEqual(['resolve'])
  await arena.travel(end + clock.validate + clock.reveal + clock.settle)
  expect((await tick(creator, taskId)).map(({ kind }) => kind)).toEqual(['rank', 'payValidators', 'payTrainers'])
  return (await read()).task
}

it('a larger jury overrules a committee: the trainer is paid, the liars are slashed, the honest member is pardoned', async () => {
  // Two of three call a good adapter INVALID; the third is slashed for being right, until a jury looks.
  const settled = await settledRound([[BASE, INVALID], [BASE, INVALID], [BASE, TRUE_SCORE]])
  const { creator, trainers: [trainer], committee } = settled
  const { task: before } = await settled.read()
  await dispute(trainer!, { task: before, round, batch: 0, item: 1 })
  await expect(dispute(creator, { task: before, round, batch: 0, item: 1 })).rejects.toMatchObject({ name: 'AlreadyDisputedError' })
  const task = await judged(settled, 1, TRUE_SCORE)

  const [row] = leagueOf(task, task.rounds[0]!, 10n ** 12n)
  expect(row).toMatchObject({ rank: 1, score: TRUE_SCORE, slashed: 0n, final: true })
  expect(row!.reward).toBeGreaterThan(0n)
  const slashed = task.rounds[0]!.slashes.map(({ account, reason }) => [account, reason])
  expect(slashed).toEqual(committee.slice(0, 2).map(member => [senderOf(member), 'disputeUpheld']))
})

it('who disputes in vain loses the bond and is slashed for the adapter all the same; the round is ranked and paid', async () => {
  const scores = [BASE, TRUE_SCORE, WORSE]
  const settled = await settledRound([scores, scores, scores])
  const [good, bad] = settled.trainers as [ArenaWriter, ArenaWriter]
  await dispute(bad, { task: (await settled.read()).task, round, batch: 0, item: 2 })
  const task = await judged(settled, 2, WORSE)

  const state = task.rounds[0]!
  expect(state.slashes.map(({ account, reason, amount }) => [account, reason, amount])).toEqual([
    [senderOf(bad), 'disputeLost', parseEther('10')], [senderOf(bad), 'worseThanBase', parseEther('5')],
  ])
  expect(task.stakes.get(senderOf(bad))!.amount).toBe(parseEther('95'))
  const rows = leagueOf(task, state, 10n ** 12n)
  expect(rows.map(({ trainer, rank, slashed, slashReason, final }) => [trainer, rank, slashed, slashReason, final])).toEqual([
    [senderOf(good), 1, 0n, null, true], [senderOf(bad), null, parseEther('5'), 'worseThanBase', true],
  ])
  expect(rows[0]!.reward).toBeGreaterThan(0n)
  expect(state.done).toBe(true)
})

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}
