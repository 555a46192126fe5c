/** Random tasks, with everything in them that can go wrong, for holding the contracts against `src/arena`. */
import { parseEther } from 'viem'
import type { Rules } from '../../src/arena/parameters.ts'
import { ABSTAIN, INVALID } from '../../src/arena/scoreVector.ts'
import type { RoundPlan, StakePlan, TaskPlan } from './plan.ts'

/** A small generator with a seed (Mulberry32), so that a failure can be played again. */
export function generator(seed: number) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (n: number) => Math.floor(next() * n)
  return {
    next,
    /** A whole number in [0, n). */
    below,
    /** A whole number in [from, to]. */
    between: (from: number, to: number) => from + below(to - from + 1),
    chance: (share: number) => next() < share,
    pick: <T>(values: readonly T[]): T => values[below(values.length)]!,
    /** Normal with mean 0 and deviation 1 (Box and Muller). */
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    shuffle<T>(values: readonly T[]): T[] {
      const all = [...values]
      for (let i = all.length - 1; i > 0; i--) {
        const j = below(i + 1)
        const swapped = all[i]!
        all[i] = all[j]!
        all[j] = swapped
      }
      return all
    },
  }
}

export type Generator = ReturnType<typeof generator>

const wad = (value: number): bigint => BigInt(Math.round(value * 1e9)) * 10n ** 9n

/** A task of one to three rounds over the given actors; the first is its creator. */
export function randomTask(random: Generator, actors: readonly number[]): TaskPlan {
  const [creator, ...others] = random.shuffle(actors)
  // Now and then one side is empty.
  const split = random.chance(0.1) ? random.between(0, others.length) : Math.ceil(others.length * (0.2 + 0.5 * random.next()))
  const trainers = others.slice(0, split)
  const validators = others.slice(split)
  const stakeOf = (role: StakePlan['role']) => (actor: number): StakePlan => ({
    actor, role,
    amount: parseEther(String(random.between(20, 2000))) + BigInt(random.below(1e9)) * BigInt(random.below(1e9)),
    lock: random.chance(0.2) ? random.between(40, 360) * 86_400 : 0,
  })
  return {
    creator: creator!,
    bounty: parseEther(String(random.between(1, 5000))) + BigInt(random.below(1e9)),
    bond: parseEther(String(random.between(1, 500))) + BigInt(random.below(1e9)),
    rules: randomRules(random),
    stakes: [...trainers.map(stakeOf('trainer')), ...validators.map(stakeOf('validator'))],
    rounds: Array.from({ length: random.between(1, 3) }, () => randomRound(random, trainers, validators)),
  }
}

function randomRules(random: Generator): Rules {
  const bps = () => random.between(0, 3000)
  const committeeSize = random.between(1, 6)
  return {
    committeeSize,
    batchSize: random.between(1, 4),
    quorum: random.between(1, committeeSize),
    slashInvalid: bps(), slashWorse: bps(), slashNotSealed: bps(), slashNotRevealed: bps(), slashDeviant: bps(), slashVerdict: bps(),
    slashKey: random.between(0, 10_000), slashShard: random.between(0, 10_000),
    gamma: wad(random.next() / 2),
    q: wad(0.05 + 0.9 * random.next()),
    eta: wad(random.pick([0.000001, 0.001, 0.01, 0.2])),
    alpha: random.chance(0.5) ? wad(1) : wad(0.05 + 0.95 * random.next()),
    tolerance: wad(random.pick([0, 0.001, 0.02, 0.3])),
    margin: wad(random.pick([0, 0.01, 0.1])),
    lambda: wad(random.pick([0, 1, 20, 1000])),
  }
}

function randomRound(random: Generator, trainers: readonly number[], validators: readonly number[]): RoundPlan {
  const seed = random.below(2 ** 31)
  const base = random.pick([0, 1, 100, 2_000_000, 4_000_000_000])
  const spread = random.pick([0, 0.0005, 0.02, 0.5])
  const badShard = random.chance(0.05)
  const some = (n: number) => random.between(random.chance(0.9) ? Math.min(1, n) : 0, n)
  return {
    submissions: random.shuffle(trainers).slice(0, some(trainers.length)).map(actor => ({ actor, opens: random.chance(0.85) })),
    keyRevealed: random.chance(0.95),
    validators: random.shuffle(validators).slice(0, some(validators.length)).map(actor => ({
      actor, does: random.chance(0.8) ? 'reveals' : random.pick(['nothing', 'seals'] as const),
    })),
    settled: random.chance(0.95),
    score(validator, submission) {
      // What a validator says of an item depends on both alone, not on when it is asked.
      const own = generator(seed ^ Math.imul(validator + 1, 0x9e3779b1) ^ Math.imul((submission ?? -1) + 2, 0x85ebca6b))
      const item = generator(seed ^ Math.imul((submission ?? -1) + 2, 0xc2b2ae35))
      const truth = item.chance(0.12) || (badShard && submission === null) ? INVALID : submission === null ? base : base * (0.6 + 0.6 * item.next())
      if (own.chance(0.06)) return own.pick([ABSTAIN, INVALID, 0, base])
      if (truth === INVALID) return own.chance(0.9) ? INVALID : base
      return Math.min(0xffff_fffd, Math.max(0, Math.round(truth * (1 + spread * own.normal()))))
    },
  }
}
