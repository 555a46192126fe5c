/** Validators' tabs that seal and reveal together, on a real chain; only the wire between them is a list of callbacks. */
import { keccak256, parseEther, toHex } from 'viem'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startLocalArena, type LocalArena } from '../../tests/helpers/localArena.ts'
import { defaultRules } from '../arena/defaultRules.ts'
import { aloneFrom } from '../arena/gathering.ts'
import { phaseEnd, type Phase } from '../arena/phases.ts'
import type { ScoreMessage } from '../arena/scoreMessages.ts'
import { keyCommitment } from '../arena/sealedShard.ts'
import { senderOf, type ArenaWriter } from '../chain/arena.ts'
import { feedOf } from '../chain/feed.ts'
import { readTask } from '../chain/reads/readTask.ts'
import { createTask } from '../chain/writes/createTask.ts'
import { enroll } from '../chain/writes/enroll.ts'
import { openSubmission } from '../chain/writes/openSubmission.ts'
import { revealKey } from '../chain/writes/revealKey.ts'
import { sealScores } from '../chain/writes/sealScores.ts'
import { sealSubmission } from '../chain/writes/sealSubmission.ts'
import { stake } from '../chain/writes/stake.ts'
import { revealTogether, sayScoring, sealTogether, type ScoreChannel, type ScoresToSend } from './gatherScores.ts'

const WORD = keccak256(toHex('a word'))
const LENGTH = 1000
/** Tabs that wait for each other for as long as the test takes. */
const fast = { poll: 20, repeat: 40, patience: 60_000 }
const impatient = { ...fast, patience: 1_500 }

let arena: LocalArena
let creator: ArenaWriter, trainer: ArenaWriter
let validators: ArenaWriter[]
beforeAll(async () => {
  arena = await startLocalArena()
  const writers: ArenaWriter[] = []
  for (let index = 1; index <= 6; index++) writers.push(await arena.writer(index))
  ;[creator, trainer] = writers as [ArenaWriter, ArenaWriter]
  validators = writers.slice(2)
})
afterAll(() => arena.stop())

/** A wire between tabs; what is told reaches all others. */
function wire(): { join(): ScoreChannel; told: ScoreMessage[]; say(message: ScoreMessage): void } {
  const listeners = new Set<(message: ScoreMessage) => void>()
  const told: ScoreMessage[] = []
  const say = (message: ScoreMessage) => { for (const listener of listeners) listener(message) }
  return {
    told, say,
    join: () => ({
      tell: message => { told.push(message); say(message) },
      hear: callback => { listeners.add(callback); return () => listeners.delete(callback) },
    }),
  }
}

/** A task whose first round waits for seals. */
async function toValidate(): Promise<bigint> {
  const length = { submit: LENGTH, open: LENGTH, validate: LENGTH, reveal: LENGTH, settle: LENGTH, dispute: LENGTH }
  const { taskId } = await createTask(creator, {
    specDigest: WORD, bounty: parseEther('10'), bond: parseEther('10'), trainerMinStake: parseEther('1'), validatorMinStake: parseEther('1'),
    clock: { start: 0, ...length }, rules: defaultRules, shards: [{ keyHash: keyCommitment(WORD), plaintextDigest: WORD }],
  })
  await stake(trainer, { taskId, role: 'trainer', amount: parseEther('10') })
  await sealSubmission(trainer, { taskId, round: 0, adapterDigest: WORD, salt: WORD })
  for (const validator of validators) {
    await stake(validator, { taskId, role: 'validator', amount: parseEther('10') })
    await enroll(validator, { taskId, round: 0 })
  }
  await goTo(taskId, 'submit')
  await openSubmission(trainer, { taskId, round: 0, adapterDigest: WORD, salt: WORD })
  await revealKey(creator, { taskId, round: 0, key: WORD })
  await goTo(taskId, 'open')
  return taskId
}

const round = async (taskId: bigint) => (await readTask(creator, taskId)).task.rounds[0]!
async function goTo(taskId: bigint, phase: Phase, plus = 0) {
  const { task } = await readTask(creator, taskId)
  await arena.travel(phaseEnd(task.clock, 0, phase) + plus)
}
const mine = (taskId: bigint, index: number): ScoresToSend => ({ taskId, round: 0, batch: 0, scores: [2_000_000, 1_500_000 + index], salt: WORD })
const senders = async (taskId: bigint, name: string) => {
  await feedOf(creator).refresh()
  const events = (await feedOf(creator).store.events()).filter(event => event.name === name && event.task === String(taskId))
  return { validators: events.length, transactions: new Set(events.map(({ transactionHash }) => transactionHash)).size }
}

it('all at once: one transaction seals and one reveals for everybody', async () => {
  const taskId = await toValidate()
  const { join } = wire()
  await Promise.all(validators.map((writer, index) => sealTogether(writer, join(), mine(taskId, index), fast)))
  expect((await round(taskId)).validators.every(({ sealed }) => sealed)).toBe(true)
  expect(await senders(taskId, 'ScoresSealed')).toEqual({ validators: 4, transactions: 1 })
  await goTo(taskId, 'validate')
  await Promise.all(validators.map((writer, index) => revealTogether(writer, join(), mine(taskId, index), fast)))
  expect((await round(taskId)).validators.map(({ revealed }) => revealed?.scores[1])).toEqual([1_500_000, 1_500_001, 1_500_002, 1_500_003])
  expect(await senders(taskId, 'ScoresRevealed')).toEqual({ validators: 4, transactions: 1 })
})

it('who still scores is waited for, who is silent is not; forgeries are not sent', async () => {
  const taskId = await toValidate()
  const line = wire()
  const [first, second, third, fourth] = validators
  // The fourth is away, the third scores, and its seal is known in a forged form before it is made.
  const forged: ScoreMessage = { version: 1, kind: 'seal', round: 0, validator: senderOf(third!), seal: WORD, signature: `0x${'11'.repeat(65)}` }
  const finish = sayScoring(line.join(), { round: 0, validator: senderOf(third!) }, 200)
  const started = Date.now()
  const sealing = [first!, second!].map((writer, index) => sealTogether(writer, line.join(), mine(taskId, index), impatient))
  line.say(forged)
  await expect.poll(() => Date.now() - started, { timeout: 10_000 }).toBeGreaterThan(2 * impatient.patience)
  expect((await round(taskId)).validators.some(({ sealed }) => sealed)).toBe(false)
  finish()
  await Promise.all([...sealing, sealTogether(third!, line.join(), mine(taskId, 2), impatient)])
  expect((await round(taskId)).validators.map(({ sealed }) => sealed)).toEqual([true, true, true, false])
  expect(await senders(taskId, 'ScoresSealed')).toEqual({ validators: 3, transactions: 1 })

  // The last one waits for nobody.
  await sealTogether(fourth!, line.join(), mine(taskId, 3), fast)
  expect(await senders(taskId, 'ScoresSealed')).toEqual({ validators: 4, transactions: 2 })

  await goTo(taskId, 'validate')
  const wrong: ScoreMessage = { version: 1, kind: 'reveal', round: 0, batch: 0, validator: senderOf(third!), salt: WORD, vector: '0x0000000100000001' }
  const revealing = [first!, second!].map((writer, index) => revealTogether(writer, line.join(), mine(taskId, index), impatient))
  line.say(wrong)
  await Promise.all(revealing)
  expect((await round(taskId)).validators.map(({ revealed }) => revealed !== null)).toEqual([true, true, false, false])
  expect(await senders(taskId, 'ScoresRevealed')).toEqual({ validators: 2, transactions: 1 })
})

it('near the end of a phase each sends its own, whoever is still waited for', async () => {
  const taskId = await toValidate()
  const line = wire()
  const [first, second] = validators
  const sealing = [first!, second!].map((writer, index) => sealTogether(writer, line.join(), mine(taskId, index), fast))
  await expect.poll(() => line.told.length).toBeGreaterThan(3)
  expect((await round(taskId)).validators.some(({ sealed }) => sealed)).toBe(false)
  const { task } = await readTask(creator, taskId)
  await arena.travel(aloneFrom({ from: phaseEnd(task.clock, 0, 'open'), to: phaseEnd(task.clock, 0, 'validate') }))
  await Promise.all(sealing)
  expect(await senders(taskId, 'ScoresSealed')).toEqual({ validators: 2, transactions: 2 })
})

it('a message that keeps others waiting does so for a bounded time', async () => {
  const taskId = await toValidate()
  const line = wire()
  const finish = sayScoring(line.join(), { round: 0, validator: senderOf(validators[3]!) }, 100)
  await sealTogether(validators[0]!, line.join(), mine(taskId, 0), { ...impatient, longest: 1_000 })
  finish()
  expect((await round(taskId)).validators.map(({ sealed }) => sealed)).toEqual([true, false, false, false])
})

it('a validator who seals by itself between telling and sending spoils one transaction, and nobody\'s seal', async () => {
  const taskId = await toValidate()
  const line = wire()
  const [first, second, third, fourth] = validators
  // The fourth tells its seal and goes; then all are known, and the first one's transaction meets a fourth that has sealed.
  const spoiler = line.join()
  const stop = new AbortController()
  const told = sealTogether(fourth!, spoiler, mine(taskId, 3), { ...fast, signal: stop.signal }).catch(() => undefined)
  const heard: ScoreMessage[] = []
  spoiler.hear(message => heard.push(message))
  await expect.poll(() => line.told.length).toBeGreaterThan(0)
  stop.abort()
  await told
  const sealing = [first!, second!, third!].map((writer, index) => sealTogether(writer, line.join(), mine(taskId, index), fast))
  await sealScores(fourth!, mine(taskId, 7))
  line.say(line.told[0]!)
  await Promise.all(sealing)
  expect((await round(taskId)).validators.every(({ sealed }) => sealed)).toBe(true)
})
