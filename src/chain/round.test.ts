/** A whole task on a real chain: two rounds, every balance held against `src/arena` and against plain arithmetic. */
import { erc20Abi, keccak256, parseEther, toHex, zeroAddress, type Address, type Hex } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startLocalArena, type LocalArena } from '../../tests/helpers/localArena.ts'
import { newSalt } from '../arena/commitments.ts'
import { defaultRules } from '../arena/defaultRules.ts'
import { phaseEnd, type Phase } from '../arena/phases.ts'
import { settleRound, voidRound } from '../arena/round.ts'
import { INVALID } from '../arena/scoreVector.ts'
import { keyCommitment } from '../arena/sealedShard.ts'
import { senderOf, type ArenaWriter } from './arena.ts'
import { ContractError } from './errors.ts'
import { readBalances } from './reads/readBalances.ts'
import { keptLeagues, readLeagues } from './reads/readLeagues.ts'
import { readTask } from './reads/readTask.ts'
import { readTasks } from './reads/readTasks.ts'
import { watchTask, type TaskView } from './reads/watchTask.ts'
import { roundInput } from './state/rounds.ts'
import type { TaskState } from './state/taskState.ts'
import { claim } from './writes/claim.ts'
import { createTask } from './writes/createTask.ts'
import { enroll } from './writes/enroll.ts'
import { openSubmission } from './writes/openSubmission.ts'
import { refund } from './writes/refund.ts'
import { revealKey } from './writes/revealKey.ts'
import { revealScores } from './writes/revealScores.ts'
import { sealScores } from './writes/sealScores.ts'
import { sealSubmission } from './writes/sealSubmission.ts'
import { stake, type StakeRole } from './writes/stake.ts'
import { tick } from './writes/tick.ts'
import { unstake } from './writes/unstake.ts'

const BURN: Address = '0x000000000000000000000000000000000000dEaD'
const key = keccak256(toHex('the key'))
const digest = keccak256(toHex('a digest'))
/** Micro-bits per byte. */
const BASE = 2_000_000
/** The arithmetic below is done for these, whatever the defaults become. */
const RULES = {
  ...defaultRules, committeeSize: 8, quorum: 2, q: 700_000_000_000_000_000n, gamma: 100_000_000_000_000_000n,
  slashInvalid: 1000, slashWorse: 500, slashNotRevealed: 1000,
}

let arena: LocalArena
let creator: ArenaWriter
let trainers: ArenaWriter[]
let validators: ArenaWriter[]
let taskId: bigint
let task: TaskState

beforeAll(async () => {
  arena = await startLocalArena()
  const writers: ArenaWriter[] = []
  for (let index = 1; index <= 9; index++) writers.push(await arena.writer(index))
  creator = writers[0]!
  trainers = writers.slice(1, 5)
  validators = writers.slice(5, 9)
})
afterAll(() => arena.stop())

const now = async () => Number((await arena.rpc.getBlock()).timestamp)
/** The end of a round's last phase is the start of the next: on a slow machine it may be past already. */
const goTo = async (phase: Phase, round = 0) => {
  const end = phaseEnd(task.clock, round, phase)
  if (await now() < end) await arena.travel(end)
}
const refresh = async () => { task = (await readTask(creator, taskId)).task }
const held = async (account: Address) =>
  arena.rpc.readContract({ address: arena.deployment.token, abi: erc20Abi, functionName: 'balanceOf', args: [account] })
const stakeAll = async (writers: ArenaWriter[], role: StakeRole, amounts: number[]) => {
  for (const [index, writer] of writers.entries()) await stake(writer, { taskId, role, amount: parseEther(String(amounts[index])) })
}

describe('a task from creation to refund', () => {
  const salts = { trainers: [newSalt(), newSalt(), newSalt(), newSalt()], validators: [newSalt(), newSalt(), newSalt(), newSalt()] }
  // By validator: the base, then submissions in the order of opening. The fourth seals and does not reveal.
  const scores = [
    [BASE, 1_500_000, 1_800_000, 2_300_000, INVALID],
    [BASE, 1_501_000, 1_801_000, 2_300_500, INVALID],
    [BASE, 1_500_500, 1_800_000, 2_300_000, INVALID],
    [BASE, 1_500_000, 1_800_000, 2_300_000, INVALID],
  ]

  it('is created, funded and listed', async () => {
    const created = await createTask(creator, {
      specDigest: digest, bounty: parseEther('1000'), bond: parseEther('500'),
      trainerMinStake: parseEther('100'), validatorMinStake: parseEther('100'),
      clock: { start: await now() + 1000, submit: 100, open: 100, validate: 100, reveal: 100, settle: 100, dispute: 100 },
      rules: RULES,
      shards: [{ keyHash: keyCommitment(key), plaintextDigest: digest }, { keyHash: keyCommitment(key), plaintextDigest: digest }],
    })
    taskId = created.taskId
    await refresh()
    expect(task.clock.rounds).toBe(2)
    expect(task.funded).toBe(parseEther('1000'))
    expect(task.rules).toEqual(RULES)
    const [summary] = await readTasks(creator)
    expect(summary).toMatchObject({ round: 0, phase: 'pending', deadline: task.clock.start * 1000 })
    await stakeAll(trainers, 'trainer', [300, 200, 100, 150])
    await stakeAll(validators, 'validator', [400, 300, 200, 100])
  })

  it('refuses what the rules refuse, in words', async () => {
    const submission = { taskId, round: 0, adapterDigest: digest, salt: salts.trainers[0]! }
    await expect(sealSubmission(trainers[0]!, submission)).rejects.toMatchObject({
      name: 'WrongPhaseError', message: 'This can be done in the submit phase; round 1 is in pending.',
      advice: 'Wait until the submit phase begins; the clock on the task\'s page counts down to it.',
    })
    await goTo('pending')
    await expect(sealSubmission(validators[0]!, submission)).rejects.toMatchObject({ name: 'WrongRoleError' })
    await expect(sealSubmission(creator, submission)).rejects.toThrow(/no stake in this task/)
    await expect(stake(trainers[0]!, { taskId, role: 'validator', amount: 1n })).rejects.toBeInstanceOf(ContractError)
    await expect(stake(trainers[0]!, { taskId, role: 'trainer', amount: parseEther('1000000') })).rejects.toMatchObject({ name: 'InsufficientBalanceError' })
    await expect(readTask(creator, 99n)).rejects.toMatchObject({ name: 'NoSuchTaskError' })
  })

  it('runs a round from sealed submissions to settled scores', async () => {
    for (const [index, trainer] of trainers.entries()) {
      await sealSubmission(trainer, { taskId, round: 0, adapterDigest: digest, salt: salts.trainers[index]! })
    }
    for (const validator of validators) await enroll(validator, { taskId, round: 0 })
    await goTo('submit')
    for (const [index, trainer] of trainers.entries()) {
      await expect(openSubmission(trainer, { taskId, round: 0, adapterDigest: digest, salt: digest })).rejects.toMatchObject({ name: 'CommitmentMismatchError' })
      await openSubmission(trainer, { taskId, round: 0, adapterDigest: digest, salt: salts.trainers[index]! })
    }
    await expect(revealKey(creator, { taskId, round: 0, key: digest })).rejects.toMatchObject({ name: 'KeyMismatchError' })
    await revealKey(creator, { taskId, round: 0, key })
    await goTo('open')
    for (const [index, validator] of validators.entries()) {
      await sealScores(validator, { taskId, round: 0, batch: 0, scores: scores[index]!, salt: salts.validators[index]! })
    }
    await goTo('validate')
    // One transaction may carry several validators' reveals.
    await revealScores(validators[0]!, {
      taskId, round: 0, batch: 0,
      reveals: [0, 1].map(index => ({ validator: senderOf(validators[index]!), scores: scores[index]!, salt: salts.validators[index]! })),
    })
    await expect(revealScores(validators[2]!, {
      taskId, round: 0, batch: 0, reveals: [{ validator: senderOf(validators[2]!), scores: scores[3]!, salt: salts.validators[2]! }],
    })).rejects.toMatchObject({ name: 'SealMismatchError' })
    await revealScores(validators[2]!, {
      taskId, round: 0, batch: 0, reveals: [{ validator: senderOf(validators[2]!), scores: scores[2]!, salt: salts.validators[2]! }],
    })
    await goTo('reveal')
    expect(await tick(creator, taskId)).toEqual([{ kind: 'settle', round: 0, batch: 0 }])
    await refresh()
    expect(task.rounds[0]!.settled.get(0)!.consensus).toEqual([BASE, 1_500_500, 1_800_000, 2_300_000, INVALID])
  })

  it('pays and slashes as src/arena says, to the wei, and as plain arithmetic says', async () => {
    await refresh()
    const expected = settleRound(roundInput(task, task.rounds[0]!, 10n ** 12n))
    const views: TaskView[] = []
    const stop = watchTask(trainers[0]!, { taskId, account: senderOf(trainers[0]!), round: 0, onChange: view => views.push(view) })
    const provisional = () => views.find(view => view.league.some(row => row.rank === 1 && !row.final))
    await expect.poll(provisional, { timeout: 10_000 }).toBeDefined()
    await goTo('dispute')
    const steps = await tick(validators[3]!, taskId)
    expect(steps.map(({ kind }) => kind)).toEqual(['rank', 'payValidators', 'payTrainers'])
    await refresh()
    const round = task.rounds[0]!
    expect(round.rewards).toEqual({ trainers: expected.trainerReward, validators: expected.validatorReward })
    expect([...round.ranks]).toEqual(expected.winners.map((index, place) => [index, place + 1]))
    const tokenOf = (token: string) => (token === 'bounty' ? task.bountyToken : arena.deployment.token)
    const sorted = (payments: { account: Address; token: Address; amount: bigint }[]) =>
      payments.map(({ account, token, amount }) => `${account} ${token} ${amount}`).sort()
    expect(sorted(round.payments)).toEqual(sorted(expected.payments.map(payment => ({ ...payment, token: tokenOf(payment.token) }))))
    expect(round.slashes).toEqual(expected.slashes)

    // Half of the bounty is round 1's: gamma 0.1 either side, the rest by own stake (750 of trainers, 900 of those who revealed).
    const trainersPool = 500 * (0.1 + 0.8 * 750 / (750 + 900))
    const weights = [300, 200 * 0.7]
    const paid = round.payments.filter(({ role }) => role === 'trainer').map(({ amount }) => Number(amount) / 1e18)
    weights.forEach((weight, place) => { expect(paid[place]).toBeCloseTo(trainersPool * weight / (300 + 140), 9) })
    const slashed = round.slashes.map(({ account, reason, amount }) => [account, reason, Number(amount) / 1e18])
    expect(slashed).toEqual([
      [senderOf(trainers[2]!), 'worseThanBase', 5],
      [senderOf(trainers[3]!), 'invalidAdapter', 15],
      [senderOf(validators[3]!), 'notRevealed', 10],
    ])
    // The slash pot: half of 30 tokens, by pay weight.
    const pot = round.payments.filter(({ role }) => role === 'validator').filter((_, index) => index % 2 === 1)
    expect(pot.reduce((sum, { amount }) => sum + Number(amount) / 1e18, 0)).toBeCloseTo(15, 9)

    await expect.poll(() => views.at(-1)?.position?.earned.length).toBe(1)
    stop()
    const { league } = views.at(-1)!
    expect(league.map(row => [row.rank, row.trainer, row.score])).toEqual([
      [1, senderOf(trainers[0]!), 1_500_500], [2, senderOf(trainers[1]!), 1_800_000], [null, senderOf(trainers[2]!), 2_300_000],
      [null, senderOf(trainers[3]!), null],
    ])
    expect(league.map(row => [Number(row.slashed) / 1e18, row.slashReason, row.final])).toEqual([
      [0, null, true], [0, null, true], [5, 'worseThanBase', true], [15, 'invalidAdapter', true],
    ])
    // All tables at once say the same, and those of rounds that are over are kept.
    expect(await readLeagues(creator)).toEqual(league)
    expect(await keptLeagues(creator)).toEqual(league)
    // Before ranking, the watcher showed the same rewards as expected ones.
    expect(provisional()!.league.map(row => row.reward)).toEqual(league.map(row => row.reward))
  })

  it('ends a round without a key as void, at the creator\'s cost, and gives everything back', async () => {
    await goTo('pending', 1)
    for (const trainer of trainers.slice(0, 2)) await sealSubmission(trainer, { taskId, round: 1, adapterDigest: digest, salt: key })
    await enroll(validators[0]!, { taskId, round: 1 })
    await expect(unstake(trainers[0]!, { taskId, amount: 1n })).rejects.toMatchObject({ name: 'StakeBusyError' })
    await goTo('submit', 1)
    for (const trainer of trainers.slice(0, 2)) await openSubmission(trainer, { taskId, round: 1, adapterDigest: digest, salt: key })
    await goTo('open', 1)
    const expected = voidRound({ bond: task.bond, bps: task.rules.slashKey, submissions: 2 })
    expect((await tick(creator, taskId)).map(({ kind }) => kind)).toEqual(['closeVoid', 'payVoid'])
    await refresh()
    expect(task.rounds[1]!.voidShare).toBe(expected.shareEach)
    expect(task.rounds[1]!.slashes).toEqual([{ account: senderOf(creator), reason: 'keyWithheld', amount: expected.slashed }])
    await refund(creator, { taskId })
  })

  it('balances its books: everything that went in comes out', async () => {
    const everyone = [creator, ...trainers, ...validators]
    for (const writer of everyone) {
      const account = senderOf(writer)
      const left = task.stakes.get(account)?.amount ?? 0n
      if (left > 0n) await unstake(writer, { taskId, amount: left })
      const { owed } = await readBalances(writer, account)
      if (owed > 0n) expect((await claim(creator, { token: arena.deployment.token, account })).amount).toBe(owed)
      await expect(claim(creator, { token: arena.deployment.token, account })).rejects.toMatchObject({ name: 'NothingOwedError' })
    }
    await claim(creator, { token: arena.deployment.token, account: BURN })
    const accounts = await Promise.all([...everyone.map(senderOf), BURN].map(held))
    const dust = await held(arena.deployment.arena)
    expect(accounts.reduce((sum, amount) => sum + amount, 0n) + dust).toBe(parseEther('90000'))
    expect(dust).toBeLessThan(100n)
    expect(await held(zeroAddress)).toBe(0n)
  })
})

it('refuses a task whose parameters are out of bounds, naming the field', async () => {
  const wrong: Promise<unknown> = createTask(creator, {
    specDigest: digest, bounty: 0n, bond: parseEther('100'), trainerMinStake: parseEther('100'), validatorMinStake: parseEther('100'),
    clock: { start: 0, submit: 0, open: 1, validate: 1, reveal: 1, settle: 1, dispute: 1 },
    rules: defaultRules, shards: [{ keyHash: digest as Hex, plaintextDigest: digest }],
  })
  await expect(wrong).rejects.toMatchObject({ name: 'BadParameterError', message: '"submit" may not be 0.' })
})
