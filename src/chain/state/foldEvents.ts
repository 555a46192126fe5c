/** Folds a task's events, in order, into its state. */
import type { ContractEventName, Log } from 'viem'
import { digestToCid } from '../../arena/cid.ts'
import { REASONS } from '../../arena/consensus.ts'
import { itemKey } from '../../arena/round.ts'
import { unpackScores } from '../../arena/scoreVector.ts'
import type { StoredEvent } from '../../store/chain.ts'
import type { arenaAbi } from '../abi.ts'
import type { RoundState, TaskState } from './taskState.ts'

type Name = ContractEventName<typeof arenaAbi>
/** An event's arguments; they were decoded with the contract's own interface. */
type Args<N extends Name> = Log<bigint, number, false, undefined, true, typeof arenaAbi, N>['args']
type Handlers = { [N in Name]?: (state: TaskState, args: Args<N>) => void }

const ROLE_NAMES = [null, 'trainer', 'validator'] as const

/** The state a `TaskCreated` event begins. */
export function beginTask(event: StoredEvent): TaskState {
  const args = event.args as unknown as Args<'TaskCreated'>
  return {
    taskId: args.taskId,
    creator: args.creator,
    specDigest: args.specDigest,
    specCid: digestToCid(args.specDigest, 'raw'),
    bountyToken: args.bountyToken,
    bond: args.bond,
    trainerMinStake: args.trainerMinStake,
    validatorMinStake: args.validatorMinStake,
    allowlistRoot: BigInt(args.allowlistRoot) === 0n ? null : args.allowlistRoot,
    clock: { ...args.clock },
    rules: { ...args.rules },
    shards: args.keyHashes.map((keyHash, round) => ({ keyHash, plaintextDigest: args.plaintextDigests[round]! })),
    funded: 0n,
    funders: new Map(),
    stakes: new Map(),
    backings: new Map(),
    rounds: args.keyHashes.map((_, round) => emptyRound(round)),
    block: event.block,
  }
}

/** Folds events into a state, beginning a new one where there is none. */
export function foldEvents(state: TaskState | null, events: readonly StoredEvent[]): TaskState | null {
  for (const event of events) {
    if (event.name === 'TaskCreated') state = beginTask(event)
    else if (state) (handlers[event.name as Name] as ((state: TaskState, args: unknown) => void) | undefined)?.(state, event.args)
  }
  return state
}

const emptyRound = (round: number): RoundState => ({
  round, commitments: new Map(), submissions: [], key: null, validators: [], seedBlock: null, seed: null, settled: new Map(), disputes: new Map(),
  ranks: new Map(), rewards: null, voidShare: null, done: false, slashes: [], payments: [], paidTrainers: new Set(),
})

const roundOf = (state: TaskState, round: bigint): RoundState => state.rounds[Number(round)]!

const disputeOf = (state: TaskState, round: bigint, batch: bigint, item: bigint) =>
  roundOf(state, round).disputes.get(itemKey(Number(batch), Number(item)))

const engage = (state: TaskState, account: `0x${string}`, round: bigint): void => {
  const stake = state.stakes.get(account)
  if (stake) stake.lastRound = Math.max(stake.lastRound ?? 0, Number(round))
}

const handlers: Handlers = {
  TaskFunded(state, { funder, amount }) {
    state.funded += amount
    state.funders.set(funder, (state.funders.get(funder) ?? 0n) + amount)
  },
  AllowlistLifted(state) { state.allowlistRoot = null },
  Staked(state, { account, role, total, lockUntil }) {
    const name = ROLE_NAMES[role]
    if (name) state.stakes.set(account, { role: name, amount: total, lockUntil, lastRound: state.stakes.get(account)?.lastRound ?? null })
  },
  Unstaked(state, { account, total }) {
    const stake = state.stakes.get(account)
    if (stake) stake.amount = total
  },
  SharingSet(state, { operator, sigma }) { state.backings.set(operator, { amount: state.backings.get(operator)?.amount ?? 0n, sigma }) },
  Backed(state, { operator, total }) { state.backings.set(operator, { amount: total, sigma: state.backings.get(operator)?.sigma ?? null }) },
  Submitted(state, { round, trainer, commitment, order }) {
    roundOf(state, round).commitments.set(trainer, { commitment, order })
    engage(state, trainer, round)
  },
  Opened(state, { round, trainer, index, adapterDigest, weight, own }) {
    const { submissions, commitments } = roundOf(state, round)
    submissions[Number(index)] = {
      index: Number(index), trainer, adapterDigest, order: commitments.get(trainer)?.order ?? 0, weight: BigInt(weight), own: BigInt(own),
    }
  },
  KeyRevealed(state, { round, key }) { roundOf(state, round).key = key },
  Enrolled(state, { round, validator, index, weight, own }) {
    roundOf(state, round).validators[Number(index)] = {
      index: Number(index), validator, weight: BigInt(weight), own: BigInt(own), sealed: false, seal: null, revealed: null,
    }
    engage(state, validator, round)
  },
  SeedRequested(state, { round, seedBlock }) { roundOf(state, round).seedBlock = Number(seedBlock) },
  SeedFixed(state, { round, seed }) { roundOf(state, round).seed = seed },
  ScoresSealed(state, { round, validator, seal }) {
    const found = roundOf(state, round).validators.find(entry => entry.validator === validator)
    if (found) Object.assign(found, { sealed: true, seal })
  },
  ScoresRevealed(state, { round, validator, batch, vector }) {
    const found = roundOf(state, round).validators.find(entry => entry.validator === validator)
    if (found) found.revealed = { batch: Number(batch), scores: unpackScores(vector), vector }
  },
  BatchSettled(state, { round, batch, consensus, results }) {
    roundOf(state, round).settled.set(Number(batch), {
      consensus: unpackScores(consensus), record: { consensus, results },
    })
  },
  Disputed(state, { round, disputer, batch, item, bond }) {
    const place = { batch: Number(batch), item: Number(item) }
    roundOf(state, round).disputes.set(itemKey(place.batch, place.item), { ...place, disputer, bond, jurors: [], outcome: null })
  },
  JurySealed(state, { round, juror, batch, item, weight }) {
    const jurors = disputeOf(state, round, batch, item)?.jurors
    if (jurors && !jurors.some(entry => entry.juror === juror)) jurors.push({ juror, weight: BigInt(weight), score: null })
    engage(state, juror, round)
  },
  JuryRevealed(state, { round, juror, batch, item, score }) {
    const found = disputeOf(state, round, batch, item)?.jurors.find(entry => entry.juror === juror)
    if (found) found.score = score
  },
  DisputeResolved(state, { round, batch, item, upheld, score }) {
    const dispute = disputeOf(state, round, batch, item)
    if (dispute) dispute.outcome = { upheld, score }
  },
  Ranked(state, { round, index, rank }) { roundOf(state, round).ranks.set(Number(index), Number(rank)) },
  RoundSettled(state, { round, trainerReward, validatorReward }) {
    roundOf(state, round).rewards = { trainers: trainerReward, validators: validatorReward }
  },
  RoundVoided(state, { round, voidShare }) { roundOf(state, round).voidShare = voidShare },
  RoundDone(state, { round }) { roundOf(state, round).done = true },
  Rewarded(state, { round, account, role, token, amount }) {
    const name = ROLE_NAMES[role]
    if (!name) return
    const { payments, paidTrainers } = roundOf(state, round)
    payments.push({ account, role: name, token, amount })
    if (name === 'trainer') paidTrainers.add(account)
  },
  Slashed(state, { round, account, reason, amount }) {
    const name = REASONS[reason]!
    roundOf(state, round).slashes.push({ account, reason: name, amount })
    const stake = state.stakes.get(account)
    // A bond is no stake, though who put it up may have one.
    if (stake && name !== 'keyWithheld' && name !== 'shardMismatch' && name !== 'disputeLost') stake.amount -= amount
  },
}
