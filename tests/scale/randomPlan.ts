/** Random tasks, with everything in them that can go wrong, for holding the contracts against `src/arena`. */
import { parseEther } from 'viem'
import type { Rules } from '../../src/arena/parameters.ts'
import { ABSTAIN, INVALID } from '../../src/arena/scoreVector.ts'
import { Random } from '../../src/data/random.ts'
import type { RoundPlan, StakePlan, TaskPlan } from './plan.ts'

const wad = (value: number): bigint => BigInt(Math.round(value * 1e9)) * 10n ** 9n

/**
 * A task of one to three rounds over the given actors; the first is its creator.
 * @param delegators of whom each may put stake behind one trainer or validator.
 */
export function randomTask(random: Random, actors: readonly number[], delegators: readonly number[] = []): TaskPlan {
  const [creator, ...others] = random.shuffled(actors)
  // Now and then one side is empty.
  const split = random.chance(0.1) ? random.between(0, others.length) : Math.ceil(others.length * (0.2 + 0.5 * random.uniform()))
  const trainers = others.slice(0, split)
  const validators = others.slice(split)
  const stakeOf = (role: StakePlan['role']) => (actor: number): StakePlan => ({
    actor, role,
    amount: parseEther(String(random.between(20, 2000))) + BigInt(random.below(1e9)) * BigInt(random.below(1e9)),
    lock: random.chance(0.2) ? random.between(40, 360) * 86_400 : 0,
  })
  const delegations = others.length === 0 ? [] : delegators.filter(() => random.chance(0.5)).map(delegator => ({
    operator: random.pick(others), delegator, amount: parseEther(String(random.between(1, 500))) + BigInt(random.below(1e9)),
  }))
  return {
    creator: creator!,
    ...(delegations.length > 0 && { delegations, sigma: wad(random.pick([0, 0.4, random.uniform(), 1])) }),
    bounty: parseEther(String(random.between(1, 5000))) + BigInt(random.below(1e9)),
    bond: parseEther(String(random.between(1, 500))) + BigInt(random.below(1e9)),
    rules: randomRules(random),
    stakes: [...trainers.map(stakeOf('trainer')), ...validators.map(stakeOf('validator'))],
    rounds: Array.from({ length: random.between(1, 3) }, () => randomRound(random, trainers, validators)),
  }
}

function randomRules(random: Random): Rules {
  const bps = () => random.between(0, 3000)
  const committeeSize = random.between(1, 6)
  return {
    committeeSize,
    batchSize: random.between(1, 4),
    quorum: random.between(1, committeeSize),
    slashInvalid: bps(), slashWorse: bps(), slashNotSealed: bps(), slashNotRevealed: bps(), slashDeviant: bps(), slashVerdict: bps(),
    slashKey: random.between(0, 10_000), slashShard: random.between(0, 10_000),
    gamma: wad(random.uniform() / 2),
    q: wad(0.05 + 0.9 * random.uniform()),
    eta: wad(random.pick([0.000001, 0.001, 0.01, 0.2])),
    alpha: random.chance(0.5) ? wad(1) : wad(0.05 + 0.95 * random.uniform()),
    tolerance: wad(random.pick([0, 0.001, 0.02, 0.3])),
    margin: wad(random.pick([0, 0.01, 0.1])),
    lambda: wad(random.pick([0, 1, 20, 1000])),
  }
}

function randomRound(random: Random, trainers: readonly number[], validators: readonly number[]): RoundPlan {
  const seed = random.below(2 ** 31)
  const base = random.pick([0, 1, 100, 2_000_000, 4_000_000_000])
  const spread = random.pick([0, 0.0005, 0.02, 0.5])
  const badShard = random.chance(0.05)
  const some = (n: number) => random.between(random.chance(0.9) ? Math.min(1, n) : 0, n)
  return {
    submissions: random.shuffled(trainers).slice(0, some(trainers.length)).map(actor => ({ actor, opens: random.chance(0.85) })),
    keyRevealed: random.chance(0.95),
    validators: random.shuffled(validators).slice(0, some(validators.length)).map(actor => ({
      actor, does: random.chance(0.8) ? 'reveals' : random.pick(['nothing', 'seals'] as const),
    })),
    settled: random.chance(0.95),
    score(validator, submission) {
      // What a validator says of an item depends on both alone, not on when it is asked.
      const own = new Random(seed ^ Math.imul(validator + 1, 0x9e3779b1) ^ Math.imul((submission ?? -1) + 2, 0x85ebca6b))
      const item = new Random(seed ^ Math.imul((submission ?? -1) + 2, 0xc2b2ae35))
      const truth = item.chance(0.12) || (badShard && submission === null) ? INVALID : submission === null ? base : base * (0.6 + 0.6 * item.uniform())
      if (own.chance(0.06)) return own.pick([ABSTAIN, INVALID, 0, base])
      if (truth === INVALID) return own.chance(0.9) ? INVALID : base
      return Math.min(0xffff_fffd, Math.max(0, Math.round(truth * (1 + spread * own.normal()))))
    },
  }
}
