/**
 * What everybody must have in the end, computed by `src/arena` from the plan
 * alone (and the seeds, which only the chain can make).
 */
import type { Address, Hex } from 'viem'
import { delegatorsPart } from '../../src/arena/delegation.ts'
import { roundReward, settleRound, voidRound, type RoundInput, type RoundOutcome } from '../../src/arena/round.ts'
import { weigh } from '../../src/arena/stake.ts'
import type { TaskPlan } from './plan.ts'

export const WEIGHT_UNIT = 10n ** 12n
export const BURN: Address = '0x000000000000000000000000000000000000dEaD'

/** Wei by account, 0 where nothing is known. */
export class Book {
  readonly entries = new Map<Address, bigint>()
  get(account: Address): bigint { return this.entries.get(account) ?? 0n }
  add(account: Address, amount: bigint): void { this.entries.set(account, this.get(account) + amount) }
  total(): bigint { return [...this.entries.values()].reduce((sum, amount) => sum + amount, 0n) }
}

/** Owed balances of one run, over all tasks. */
export interface Owed {
  stake: Book
  bounty: Book
}

export class TaskLedger {
  readonly plan: TaskPlan
  readonly stakes = new Book()
  readonly lockUntil = new Map<Address, number>()
  /** Delegated wei by operator. */
  readonly backing = new Book()
  /** What delegators earned, by operator and round. */
  readonly earned: { operator: Address; round: number; token: 'stake' | 'bounty'; amount: bigint }[] = []
  readonly outcomes: (RoundOutcome | null)[] = []
  pool: bigint
  carry = 0n
  bond: bigint
  /** Wei of bond that came back after the last round. */
  bondReturned = 0n
  /** Wei of bounty that goes back to the funder after the last round. */
  refundable = 0n
  private readonly owed: Owed
  private readonly addresses: readonly Address[]

  constructor(plan: TaskPlan, addresses: readonly Address[], owed: Owed) {
    this.plan = plan
    this.addresses = addresses
    this.owed = owed
    this.pool = plan.bounty
    this.bond = plan.bond
  }

  stake(account: Address, amount: bigint, lockUntil: number): void {
    this.stakes.add(account, amount)
    this.lockUntil.set(account, lockUntil)
  }

  delegate(operator: Address, amount: bigint): void {
    this.backing.add(operator, amount)
  }

  weigh(account: Address, time: number): { weight: bigint; own: bigint; delegated: bigint } {
    const { weight, own } = weigh(this.stakes.get(account), Math.max(0, (this.lockUntil.get(account) ?? 0) - time), WEIGHT_UNIT)
    const delegated = this.backing.get(account) / WEIGHT_UNIT
    return { weight: weight + delegated, own, delegated }
  }

  /** The round as `settleRound` takes it. Times are those of the blocks in which each took part. */
  input(index: number, opened: { actor: number; order: number; time: number }[], enrolled: { actor: number; time: number }[], seed: Hex | null): RoundInput {
    const round = this.plan.rounds[index]!
    const submissions = opened.map(({ actor, order, time }) => ({
      trainer: this.addresses[actor]!, order, ...this.weigh(this.addresses[actor]!, time),
    }))
    return {
      rules: this.plan.rules,
      submissions,
      validators: enrolled.map(({ actor, time }, position) => ({
        validator: this.addresses[actor]!, ...this.weigh(this.addresses[actor]!, time),
        revealed: round.validators[position]!.does === 'nothing' ? 'notSealed' : 'notRevealed',
      })),
      seed,
      reward: roundReward(this.pool, this.carry, this.plan.rounds.length, index),
      weightUnit: WEIGHT_UNIT,
      stakeOf: account => this.stakes.get(account),
      backingOf: account => this.backing.get(account),
    }
  }

  addressOf(actor: number): Address {
    return this.addresses[actor]!
  }

  /** What settling the next round would come to. */
  preview(input: RoundInput): RoundOutcome {
    return settleRound({ ...input, reward: roundReward(this.pool, this.carry, this.plan.rounds.length, this.outcomes.length) })
  }

  /** Books a judged round. */
  book(outcome: RoundOutcome, trainers: readonly Address[]): void {
    if (outcome.badShard) {
      this.close({ submissions: trainers, bps: this.plan.rules.slashShard })
      return
    }
    // Shared by what stood there as of the round: its slashes come after.
    for (const { account, token, amount } of outcome.payments) this.reward(account, token, amount)
    for (const { account, amount, delegated } of outcome.slashes) {
      this.stakes.add(account, -amount)
      if (delegated) this.backing.add(account, -delegated)
    }
    this.owed.stake.add(BURN, outcome.burned)
    this.pool -= outcome.trainerReward + outcome.validatorReward
    this.carry = outcome.carry
    this.outcomes.push(outcome)
    this.endTask()
  }

  /** Books a void round; `bps` of the bond is the creator's fault. */
  close(fault: { submissions: readonly Address[]; bps: number }): void {
    this.carry = roundReward(this.pool, this.carry, this.plan.rounds.length, this.outcomes.length)
    const { slashed, shareEach, burned } = voidRound({ bond: this.bond, bps: fault.bps, submissions: fault.submissions.length })
    this.bond -= slashed
    this.owed.stake.add(BURN, burned)
    for (const trainer of fault.submissions) this.reward(trainer, 'stake', shareEach)
    this.outcomes.push(null)
    this.endTask()
  }

  /** Credits a reward of the round in hand, less what is the delegators'. */
  private reward(account: Address, token: 'stake' | 'bounty', amount: bigint): void {
    const { sigma } = this.plan
    const [own, delegated] = [this.stakes, this.backing].map(book => book.get(account) / WEIGHT_UNIT)
    const part = sigma === undefined ? 0n : delegatorsPart(amount, own!, delegated!, sigma)
    this.owed[token].add(account, amount - part)
    if (part > 0n) this.earned.push({ operator: account, round: this.outcomes.length, token, amount: part })
  }

  private endTask(): void {
    if (this.outcomes.length < this.plan.rounds.length) return
    const creator = this.addresses[this.plan.creator]!
    this.owed.stake.add(creator, this.bond)
    // The creator is the only funder here, so all that is left is its refund.
    this.owed.bounty.add(creator, this.pool)
    this.refundable = this.pool
    this.bondReturned = this.bond
    this.bond = 0n
    this.pool = 0n
  }
}
