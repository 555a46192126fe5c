/** Stake of others behind an operator, from the vault's making to the last token out of it. */
import { erc20Abi, keccak256, parseEther, toHex, type Address } from 'viem'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startLocalArena, type LocalArena } from '../../tests/helpers/localArena.ts'
import { scoreSeal } from '../arena/commitments.ts'
import { defaultRules } from '../arena/defaultRules.ts'
import { delegatorsPart, sharingFrozenFrom } from '../arena/delegation.ts'
import { phaseEnd, type Phase } from '../arena/phases.ts'
import { packScores } from '../arena/scoreVector.ts'
import { keyCommitment } from '../arena/sealedShard.ts'
import { arenaAbi } from './abi.ts'
import { senderOf, type ArenaWriter } from './arena.ts'
import { readEarnings, readUncollected } from './reads/readEarnings.ts'
import { readTask } from './reads/readTask.ts'
import { readVault, readVaultHolding } from './reads/readVault.ts'
import { isSignedBy, type SignedSeal } from './signedSeal.ts'
import { backTask } from './writes/backTask.ts'
import { claimEarnings } from './writes/claimEarnings.ts'
import { createTask } from './writes/createTask.ts'
import { depositToVault } from './writes/depositToVault.ts'
import { enroll } from './writes/enroll.ts'
import { giveNotice } from './writes/giveNotice.ts'
import { harvest } from './writes/harvest.ts'
import { makeVault } from './writes/makeVault.ts'
import { openSubmission } from './writes/openSubmission.ts'
import { releaseStake } from './writes/releaseStake.ts'
import { revealKey } from './writes/revealKey.ts'
import { revealScores } from './writes/revealScores.ts'
import { sealScores } from './writes/sealScores.ts'
import { sealScoresFor } from './writes/sealScoresFor.ts'
import { sealSubmission } from './writes/sealSubmission.ts'
import { setSharing } from './writes/setSharing.ts'
import { signSeal } from './writes/signSeal.ts'
import { stake } from './writes/stake.ts'
import { tick } from './writes/tick.ts'
import { withdrawFromVault } from './writes/withdrawFromVault.ts'

const WORD = keccak256(toHex('a word'))
const SCORES = [2_000_000, 1_500_000]
const DAY = 86_400
const SIGMA = 400_000_000_000_000_000n

let arena: LocalArena
let creator: ArenaWriter, operator: ArenaWriter, ann: ArenaWriter, bob: ArenaWriter
let validators: ArenaWriter[]
let taskId: bigint
let vault: Address

const round = 0
const clock = { start: 0, submit: DAY, open: DAY, validate: DAY, reveal: DAY, settle: DAY, dispute: DAY }
const read = async () => (await readTask(creator, taskId)).task
const goTo = async (phase: Phase) => arena.travel(phaseEnd((await read()).clock, round, phase))
const held = (account: Address) =>
  arena.rpc.readContract({ address: arena.deployment.token, abi: erc20Abi, functionName: 'balanceOf', args: [account] })

beforeAll(async () => {
  arena = await startLocalArena()
  const writers: ArenaWriter[] = []
  for (let index = 1; index <= 7; index++) writers.push(await arena.writer(index))
  ;[creator, operator, ann, bob] = writers as [ArenaWriter, ArenaWriter, ArenaWriter, ArenaWriter]
  validators = writers.slice(4)
  taskId = (await createTask(creator, {
    specDigest: WORD, bounty: parseEther('100'), bond: parseEther('100'), trainerMinStake: parseEther('10'), validatorMinStake: parseEther('10'),
    clock, rules: defaultRules, shards: [{ keyHash: keyCommitment(WORD), plaintextDigest: WORD }],
  })).taskId
  await stake(operator, { taskId, role: 'trainer', amount: parseEther('100') })
  for (const validator of validators) await stake(validator, { taskId, role: 'validator', amount: parseEther('100') })
})
afterAll(() => arena.stop())

it('an operator makes one vault and sets its terms; delegators put stake in', async () => {
  expect(await readVault(ann, senderOf(operator))).toBeNull()
  vault = await makeVault(operator, { name: 'Vault of one', symbol: 'V1' })
  expect(await makeVault(operator, { name: 'Another', symbol: 'V2' })).toBe(vault)
  await depositToVault(ann, { vault, amount: parseEther('60') })
  await depositToVault(bob, { vault, amount: parseEther('40') })
  await expect(backTask(operator, { vault, taskId, amount: parseEther('100') })).rejects.toMatchObject({ name: 'BadParameterError' })
  expect((await read()).backings.get(senderOf(operator))).toBeUndefined()
  await setSharing(operator, { taskId, sigma: SIGMA })
  await expect(backTask(ann, { vault, taskId, amount: 1n })).rejects.toMatchObject({ name: 'NotOperatorError' })
  await expect(backTask(operator, { vault, taskId, amount: parseEther('101') })).rejects.toMatchObject({ name: 'NotIdleError' })
  await backTask(operator, { vault, taskId, amount: parseEther('100') })
  expect(await readVault(ann, senderOf(operator))).toMatchObject({
    address: vault, name: 'Vault of one', symbol: 'V1', assets: parseEther('100'), idle: 0n, atRisk: 0n, tasks: [taskId],
  })
  const { backings, clock: { start } } = await read()
  expect(backings).toEqual(new Map([[senderOf(operator), { amount: parseEther('100'), sigma: SIGMA }]]))
  expect(await arena.rpc.readContract({ address: arena.deployment.arena, abi: arenaAbi, functionName: 'backingOf', args: [taskId, senderOf(operator)] }))
    .toMatchObject({ amount: parseEther('100'), sigma: SIGMA, known: true })
  expect(sharingFrozenFrom((await read()).clock)).toBe(start + 4 * DAY)
})

it('stake at risk counts half for whoever wants to leave, and cannot', async () => {
  await sealSubmission(operator, { taskId, round, adapterDigest: WORD, salt: WORD })
  expect(await readVaultHolding(ann, { vault, account: senderOf(ann) })).toEqual({
    // The smallest unit of a share is worth less than the smallest of the token here: it may go, and brings nothing.
    shares: parseEther('60'), worth: parseEther('30'), redeemable: 1n, withdrawable: 0n, noticed: 0n,
  })
  await expect(withdrawFromVault(ann, { vault, amount: parseEther('1') })).rejects.toMatchObject({ name: 'VaultTooEmptyError' })
  await expect(withdrawFromVault(ann, { vault, shares: parseEther('1') })).rejects.toMatchObject({ name: 'VaultTooEmptyError' })
  await expect(giveNotice(ann, { vault, shares: parseEther('61') })).rejects.toMatchObject({ name: 'NoticeTooLargeError' })
  await giveNotice(ann, { vault, shares: parseEther('60') })
  expect((await readVault(ann, senderOf(operator)))!.noticed).toBe(parseEther('60'))
  await expect(releaseStake(ann, { vault, taskId, amount: 1n })).rejects.toMatchObject({ name: 'StakeBusyError' })
})

it('validators\' seals are sent by anyone who has their signatures, and by nobody else', async () => {
  for (const validator of validators) await enroll(validator, { taskId, round })
  await goTo('submit')
  await openSubmission(operator, { taskId, round, adapterDigest: WORD, salt: WORD })
  await revealKey(creator, { taskId, round, key: WORD })
  await goTo('open')
  const seals: SignedSeal[] = []
  for (const writer of validators) {
    const validator = senderOf(writer)
    seals.push(await signSeal(writer, { taskId, round, seal: scoreSeal({ taskId, round, batch: 0, validator, salt: WORD, vector: packScores(SCORES) }) }))
  }
  const place = { taskId, round }
  expect(await Promise.all(seals.map(seal => isSignedBy(arena.deployment, place, seal)))).toEqual([true, true, true])
  expect(await isSignedBy(arena.deployment, { taskId, round: 1 }, seals[0]!)).toBe(false)
  expect(await isSignedBy(arena.deployment, place, { ...seals[0]!, validator: senderOf(bob) })).toBe(false)
  expect(await isSignedBy(arena.deployment, place, { ...seals[0]!, signature: '0x12' })).toBe(false)
  const forged = { ...seals[1]!, seal: WORD }
  await expect(sealScoresFor(bob, { ...place, seals: [seals[0]!, forged] })).rejects.toMatchObject({ name: 'SealMismatchError' })
  await sealScoresFor(bob, { ...place, seals: seals.slice(0, 2) })
  // A signed seal comes once; who wants another sends it in person.
  await expect(sealScoresFor(bob, { ...place, seals })).rejects.toMatchObject({ name: 'NotEnrolledError' })
  await sealScores(validators[2]!, { ...place, batch: 0, scores: SCORES, salt: WORD })
  expect((await read()).rounds[round]!.validators.map(({ sealed }) => sealed)).toEqual([true, true, true])
  await goTo('validate')
  await expect(setSharing(operator, { taskId, sigma: 0n })).resolves.toBeDefined()
  await revealScores(bob, { ...place, batch: 0, reveals: validators.map(writer => ({ validator: senderOf(writer), scores: SCORES, salt: WORD })) })
  await arena.travel(sharingFrozenFrom((await read()).clock) + 1)
  await expect(setSharing(operator, { taskId, sigma: SIGMA })).rejects.toMatchObject({ name: 'SharingFrozenError' })
})

it('a reward is shared as src/arena says, and everything comes out', async () => {
  await tick(creator, taskId)
  await goTo('dispute')
  await tick(creator, taskId)
  const { payments } = (await read()).rounds[round]!
  const reward = payments.find(({ account }) => account === senderOf(operator))!.amount
  const part = delegatorsPart(reward, 100n, 100n, SIGMA)
  expect(await readUncollected(ann, { taskId, round, operator: senderOf(operator) })).toEqual({ bounty: 0n, stake: part })
  await harvest(creator, { vault, taskId, round })
  expect(await readUncollected(ann, { taskId, round, operator: senderOf(operator) })).toEqual({ bounty: 0n, stake: 0n })
  const [earning, ...more] = await readEarnings(ann, { vault, account: senderOf(ann) })
  expect(more).toEqual([])
  expect(earning).toEqual({ number: 0, token: arena.deployment.token, amount: part, part: part * 6n / 10n, claimed: false })
  const before = await held(senderOf(ann))
  await claimEarnings(ann, { vault, numbers: [0] })
  await claimEarnings(ann, { vault, numbers: [0] })
  expect(await held(senderOf(ann))).toBe(before + earning!.part)
  expect((await readEarnings(ann, { vault, account: senderOf(ann) }))[0]!.claimed).toBe(true)

  await releaseStake(bob, { vault, taskId, amount: parseEther('100') })
  expect((await read()).backings.get(senderOf(operator))).toEqual({ amount: 0n, sigma: 0n })
  await withdrawFromVault(ann, { vault, shares: parseEther('60') })
  await withdrawFromVault(bob, { vault, amount: parseEther('40') })
  await claimEarnings(bob, { vault, numbers: [0] })
  expect(await held(senderOf(ann))).toBe(parseEther('10000') + earning!.part)
  expect(await readVault(ann, senderOf(operator))).toMatchObject({ assets: 0n, shares: 0n, noticed: 0n, tasks: [] })
  expect(await held(vault)).toBeLessThan(10n)
})
