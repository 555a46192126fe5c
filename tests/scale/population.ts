/** Populations of the size AI Arena reached: its closed beta, and its first ten months of mainnet. */
import { parseEther } from 'viem'
import { defaultRules } from '../../src/arena/defaultRules.ts'
import { ABSTAIN, INVALID } from '../../src/arena/scoreVector.ts'
import { Random } from '../../src/data/random.ts'
import type { RoundPlan, TaskPlan } from './plan.ts'

export interface Population {
  name: string
  developers: number
  validators: number
  /** People who put stake behind some of them, each behind one. */
  delegators: number
  /** Rounds of each task, and how many submissions each round has, task after task. */
  tasks: number
  roundSizes: number[]
  committee: number
  /** Verdicts that are to be revealed in all. */
  validations: number
  /** Reveals that fail, half after sealing, half without; all in rounds of the commonest size. */
  failures: number
}

/** 285 developers, 3,574 models, 112,750 validations (31.5 per model). */
export const closedBeta: Population = {
  name: 'closed beta', developers: 285, validators: 96, delegators: 0, tasks: 3, roundSizes: [...Array<number>(17).fill(200), 174],
  committee: 32, validations: 112_750, failures: 12,
}

/** 196 trainers, 262 validators, 1,416 delegators, 9,062 models, 784,137 validations (86.5 per model). */
export const mainnet: Population = {
  name: 'ten months of mainnet', developers: 196, validators: 262, delegators: 1_416, tasks: 4, roundSizes: [...Array<number>(19).fill(190), ...Array<number>(29).fill(188)],
  committee: 88, validations: 784_137, failures: 140,
}

const BATCH_SIZE = 100
const BATCHES = 2
/** Micro-bits per byte of the base model. */
const BASE = 2_400_000

/** Operators who take delegated stake, and the part of a reward that they keep before sharing (wad). */
const OPERATORS = 118
const SIGMA = 400_000_000_000_000_000n

/** Actors: task creators first, then developers, validators, delegators. */
export function populationPlans(population: Population, seed = 1): { plans: TaskPlan[]; actors: number } {
  const { tasks, developers, validators, delegators, roundSizes } = population
  const random = new Random(seed)
  const people = (count: number, from: number) => Array.from({ length: count }, (_, index) => from + index)
  const trainers = people(developers, tasks)
  const judges = people(validators, tasks + developers)
  const stake = (role: 'trainer' | 'validator') => (actor: number) => ({ actor, role, amount: parseEther(String(random.between(100, 3000))), lock: 0 })
  const operators = random.shuffled([...trainers, ...judges]).slice(0, OPERATORS)
  const seats = population.committee * BATCHES
  const dealt = roundSizes.reduce((sum, size) => sum + size * population.committee, 0)
  const lost = population.failures * (roundSizes[0]! / BATCHES)
  const chances = { failures: population.failures, abstentions: dealt - lost - population.validations }
  const perTask = roundSizes.length / tasks
  const plans = people(tasks, 0).map((creator): TaskPlan => ({
    creator,
    bounty: parseEther('300000'),
    bond: parseEther('10000'),
    rules: { ...defaultRules, committeeSize: population.committee, batchSize: BATCH_SIZE, quorum: Math.ceil(population.committee / 2), q: 970_000_000_000_000_000n },
    stakes: [...trainers.map(stake('trainer')), ...judges.map(stake('validator'))],
    ...(delegators > 0 && {
      sigma: SIGMA,
      delegations: people(delegators, tasks + developers + validators).map((delegator, index) => ({
        operator: operators[index % OPERATORS]!, delegator, amount: parseEther(String(random.between(10, 300))),
      })),
    }),
    rounds: roundSizes.slice(creator * perTask, (creator + 1) * perTask).map(size => {
      const enrolled = random.shuffled(judges).slice(0, seats)
      const failing = size === roundSizes[0] ? enrolled.slice(0, Math.min(chances.failures, Math.ceil(population.failures / 12))) : []
      chances.failures -= failing.length
      const steady = enrolled.slice(failing.length)
      const abstaining = steady.slice(0, Math.min(chances.abstentions, steady.length))
      chances.abstentions -= abstaining.length
      return round(random, random.shuffled(trainers).slice(0, size), random.shuffled(enrolled), new Set(failing), new Set(abstaining))
    }),
  }))
  if (chances.failures !== 0 || chances.abstentions !== 0) throw new RangeError(`The figures of "${population.name}" do not add up.`)
  return { plans, actors: tasks + developers + validators + delegators }
}

function round(random: Random, trainers: number[], enrolled: number[], failing: Set<number>, abstaining: Set<number>): RoundPlan {
  const seed = random.below(2 ** 31)
  const half = trainers.length / BATCHES
  const truths = trainers.map(() => (random.chance(0.01) ? INVALID : Math.round(BASE * (0.7 + 0.38 * random.uniform()))))
  // Two in a hundred validators give the base model's score to everything.
  const lazy = new Set(enrolled.filter(() => random.chance(0.02)))
  let failed = 0
  return {
    submissions: trainers.map(actor => ({ actor, opens: true })),
    keyRevealed: true,
    settled: true,
    validators: enrolled.map(actor => ({ actor, does: failing.has(actor) ? (failed++ % 2 === 0 ? 'seals' : 'nothing') : 'reveals' })),
    score(validator, submission) {
      // The first item of either batch: a validator who abstains there does so exactly once.
      if (abstaining.has(validator) && (submission === 0 || submission === half)) return ABSTAIN
      if (submission === null || lazy.has(validator)) return BASE
      const truth = truths[submission]!
      if (truth === INVALID) return INVALID
      const own = new Random(seed ^ Math.imul(validator + 1, 0x9e3779b1) ^ Math.imul(submission + 2, 0x85ebca6b))
      return Math.round(truth * (1 + 0.0002 * own.normal()))
    },
  }
}
