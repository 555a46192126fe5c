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

let arena: LocalArena
beforeAll(async () => { arena = await startLocalArena() })
afterAll(() => arena.stop())

it('a larger jury overrules a committee: the trainer is paid, the liars are slashed, the honest member is pardoned', async () => {
  const [creator, trainer, ...validators] = await Promise.all(range(1, 8).map(index => arena.writer(index))) as [ArenaWriter, ArenaWriter, ...ArenaWriter[]]
  const { taskId } = await createTask(creator, {
    specDigest: WORD, bounty: parseEther('100'), bond: parseEther('100'), trainerMinStake: parseEther('10'), validatorMinStake: parseEther('10'),
    clock: { start: 0, submit: 1000, open: 1000, validate: 1000, reveal: 1000, settle: 1000, dispute: 1000 },
    rules: { ...defaultRules, committeeSize: 3 }, shards: [{ keyHash: keyCommitment(WORD), plaintextDigest: WORD }],
  })
  const round = 0
  let task: TaskState
  let time: number
  const read = async () => { ({ task, time } = await readTask(creator, taskId)) }
  await read()
  const passed = (phase: 'submit' | 'open' | 'validate' | 'reveal' | 'settle' | 'dispute') => arena.travel(phaseEnd(task.clock, round, phase))

  await stake(trainer, { taskId, role: 'trainer', amount: parseEther('100') })
  for (const validator of validators) await stake(validator, { taskId, role: 'validator', amount: parseEther('100') })
  await sealSubmission(trainer, { taskId, round, adapterDigest: WORD, salt: WORD })
  const committee = validators.slice(0, 3)
  for (const member of committee) await enroll(member, { taskId, round })
  await passed('submit')
  await openSubmission(trainer, { taskId, round, adapterDigest: WORD, salt: WORD })
  await revealKey(creator, { taskId, round, key: WORD })
  await passed('open')
  // Two of three call a good adapter INVALID; the third is slashed for being right, until a jury looks.
  const reveals = committee.map((member, index) => ({
    validator: senderOf(member), scores: [BASE, index < 2 ? INVALID : TRUE_SCORE], salt: newSalt(),
  }))
  for (const [index, member] of committee.entries()) await sealScores(member, { taskId, round, batch: 0, ...reveals[index]! })
  await passed('validate')
  await revealScores(creator, { taskId, round, batch: 0, reveals })
  await passed('reveal')
  await tick(creator, taskId)
  await passed('settle')
  await read()
  await dispute(trainer, { task: task!, round, batch: 0, item: 1 })
  await expect(dispute(creator, { task: task!, round, batch: 0, item: 1 })).rejects.toMatchObject({ name: 'AlreadyDisputedError' })
  await passed('dispute')
  await read()
  expect([roundPhase(task!, task!.rounds[0]!, time!), juryPhase(task!, task!.rounds[0]!, time!)]).toEqual(['dispute', 'validate'])

  const jury = validators.slice(2)
  const verdict = (score: number) => ({ task: task!, round, batch: 0, item: 1, score, salt: WORD })
  for (const juror of jury) {
    await read()
    await sealJury(juror, verdict(TRUE_SCORE))
  }
  await arena.travel(phaseEnd(task!.clock, round, 'dispute') + 1000)
  await read()
  for (const juror of jury) await revealJury(juror, verdict(TRUE_SCORE))
  await arena.travel(phaseEnd(task!.clock, round, 'dispute') + 2000)
  expect((await tick(creator, taskId)).map(({ kind }) => kind)).toEqual(['resolve'])
  await arena.travel(phaseEnd(task!.clock, round, 'dispute') + 3000)
  expect((await tick(creator, taskId)).map(({ kind }) => kind)).toEqual(['rank', 'payValidators', 'payTrainers'])
  await read()

  const [row] = leagueOf(task!, task!.rounds[0]!, 10n ** 12n)
  expect(row).toMatchObject({ rank: 1, score: TRUE_SCORE, slashed: 0n, final: true })
  expect(row!.reward).toBeGreaterThan(0n)
  const slashed = task!.rounds[0]!.slashes.map(({ account, reason }) => [account, reason])
  expect(slashed).toEqual(committee.slice(0, 2).map(member => [senderOf(member), 'disputeUpheld']))
})

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}
