/**
 * Who does what in a simulated task. One task has ten trainers' places and
 * twenty validators' of equal stake, four rounds, and one strategy under test;
 * everybody else is honest. Hidden shards differ from round to round, trainers
 * get better with time, and what was opened in a round can be copied in the next.
 */
import { parseEther } from 'viem'
import { defaultRules } from '../../src/arena/defaultRules.ts'
import type { Rules } from '../../src/arena/parameters.ts'
import { INVALID } from '../../src/arena/scoreVector.ts'
import { Random } from '../../src/data/random.ts'
import type { RoundPlan, StakePlan, TaskPlan } from '../scale/plan.ts'

export const CREATOR = 0
const TRAINERS = range(1, 9)
/** The strategy's own trainer accounts. */
const OWN_TRAINERS = range(10, 13)
const VALIDATORS = range(20, 39)
export const ACTORS = 40
const ROUNDS = 4
const STAKE = 100
/** Micro-bits per byte of the base model. */
const BASE = 2_400_000
/** Relative spread of honest scores of one adapter: other GPUs, other drivers. The engine's own bound is 1e-5 (tests/parity). */
const MACHINE_NOISE = 0.0002
/** A validator with ten times that: half precision everywhere. */
const COARSE_NOISE = 10 * MACHINE_NOISE
/** Who scores a tenth of the rows: error of all of a round's scores together, and of each by itself. */
const SAMPLE_NOISE = { all: 0.02, each: 0.003 }

export interface Strategy {
  name: string
  side: 'trainer' | 'validator' | 'creator'
  /** One sentence for the table. */
  what: string
  plan: (random: Random, rules?: Rules, world?: WorldKind) => Scenario
}

/** How the world of a task is, beside its rules. */
export interface WorldKind {
  /** Honest trainers start from the last round's best adapter, which is public, and add 1 to 3 % to it. */
  buildsOn: boolean
  /** Item 0 is the better of the base model and the last round's best adapter. */
  championIsBase: boolean
}

const PLAIN_WORLD: WorldKind = { buildsOn: false, championIsBase: false }

export interface Scenario {
  plan: TaskPlan
  /** Accounts of the strategy, and honest ones to compare with. */
  subjects: number[]
  honest: number[]
}

/** What a validator scores. */
interface About {
  round: number
  /** Null for the base model. */
  submission: number | null
  /** The strategy's own trainer's. */
  own: boolean
  /** What the same trainer reached the round before. */
  before: number | null
  /** The same draws for the same validator, item and round. */
  noise: Random
}

/** What a strategy may change of an honest task. */
interface Deviation {
  /** Scores the strategy's own trainer accounts reach, by round; none where they stay away. */
  ownScores?: (round: number, world: World) => number[]
  /** Stake of each of the strategy's trainer accounts, in tokens. */
  ownStakes?: number[]
  /** Validators in the strategy's hands. */
  validators?: number[]
  verdict?: (truth: number, about: About, world: World) => number
  reveals?: (round: number) => boolean
  withholdsKey?: (round: number) => boolean
  subjects?: number[]
}

interface World {
  /** Score of honest trainer i's adapter of round r on shard r. */
  scores: number[][]
  /** Those of one more trainer of the same kind, by round. */
  newcomer: number[]
  /** Score of the last round's best honest adapter on the shard of this one; none in the first round. */
  champion: (number | null)[]
  /** What item 0 scores, by round. */
  baseline: number[]
  /** Standard normal draws, one a round, for errors that a validator makes in all of a round's scores alike. */
  luck: number[]
  random: Random
}

/** A task in which everybody but the deviation is honest. */
function scenario(random: Random, deviation: Deviation, rules: Rules = defaultRules, kind: WorldKind = PLAIN_WORLD): Scenario {
  const world = makeWorld(random, kind)
  const own = deviation.ownStakes ? OWN_TRAINERS.slice(0, deviation.ownStakes.length) : []
  const mine = new Set(deviation.validators)
  const stakes: StakePlan[] = [
    ...TRAINERS.map((actor): StakePlan => ({ actor, role: 'trainer', amount: parseEther(String(STAKE)), lock: 0 })),
    ...own.map((actor, index): StakePlan => ({ actor, role: 'trainer', amount: parseEther(String(deviation.ownStakes![index])), lock: 0 })),
    ...VALIDATORS.map((actor): StakePlan => ({ actor, role: 'validator', amount: parseEther(String(STAKE)), lock: 0 })),
  ]
  const plan: TaskPlan = {
    creator: CREATOR, bounty: parseEther('1000'), bond: parseEther('100'), stakes,
    rules: { ...rules, committeeSize: 32, quorum: 5 },
    rounds: range(0, ROUNDS - 1).map(round => makeRound(round, world, own, mine, deviation)),
  }
  const subjects = deviation.subjects ?? [...own, ...mine]
  const honest = subjects.some(actor => VALIDATORS.includes(actor)) && own.length === 0 ? VALIDATORS : TRAINERS
  return { plan, subjects, honest: honest.filter(actor => !mine.has(actor)) }
}

function makeWorld(random: Random, { buildsOn, championIsBase }: WorldKind): World {
  // The last one is the newcomer.
  const skills = [...TRAINERS, -1].map(() => 0.04 + 0.16 * random.uniform())
  const shards = range(0, ROUNDS - 1).map(() => 1 + 0.01 * random.normal())
  const scores: number[][] = []
  const champion: (number | null)[] = []
  shards.forEach((shard, round) => {
    const before = scores[round - 1]
    const best = before ? (Math.min(...before.slice(0, -1)) / shards[round - 1]!) * shard : null
    champion.push(best)
    scores.push(skills.map(skill => {
      const alone = BASE * shard * (1 - skill) * 0.98 ** round * (1 + 0.004 * random.normal())
      const onTop = 0.97 + 0.02 * random.uniform()
      return buildsOn && best !== null ? Math.min(alone, best * onTop) : alone
    }))
  })
  return {
    scores: scores.map(all => all.slice(0, -1)), newcomer: scores.map(all => all.at(-1)!), champion,
    baseline: champion.map(best => (championIsBase && best !== null ? Math.min(BASE, best) : BASE)), luck: scores.map(() => random.normal()), random,
  }
}

function makeRound(round: number, world: World, own: number[], mine: Set<number>, deviation: Deviation): RoundPlan {
  const { random } = world
  const ownScores = deviation.ownScores?.(round, world) ?? []
  // The strategy's commitments come last: it has nothing to hurry for.
  const entries = [
    ...random.shuffled(TRAINERS.map((actor, index) => ({ actor, truth: world.scores[round]![index]! }))),
    ...ownScores.map((truth, index) => ({ actor: own[index]!, truth })),
  ]
  const seed = random.below(2 ** 31)
  return {
    submissions: entries.map(({ actor }) => ({ actor, opens: true })),
    keyRevealed: !(deviation.withholdsKey?.(round) ?? false),
    settled: true,
    validators: random.shuffled(VALIDATORS).map(actor => ({ actor, does: mine.has(actor) && deviation.reveals?.(round) === false ? 'seals' : 'reveals' })),
    score(validator, submission) {
      const entry = submission === null ? null : entries[submission]!
      const truth = entry === null ? world.baseline[round]! : entry.truth
      const noise = new Random(seed ^ Math.imul(validator, 0x9e3779b1) ^ Math.imul((submission ?? -1) + 2, 0x85ebca6b))
      const honest = truth === INVALID ? INVALID : Math.round(truth * (1 + MACHINE_NOISE * noise.normal()))
      if (!mine.has(validator) || !deviation.verdict) return honest
      const trainer = entry === null ? -1 : TRAINERS.indexOf(entry.actor)
      const before = round > 0 && trainer >= 0 ? world.scores[round - 1]![trainer]! : null
      return Math.round(deviation.verdict(honest, { round, submission, own: entry !== null && own.includes(entry.actor), before, noise }, world))
    },
  }
}

const average = (round: number, { scores }: World): number => scores[round]!.reduce((sum, score) => sum + score, 0) / scores[round]!.length

const pushOwn = (truth: number, { own, submission }: About): number =>
  submission === null ? truth : own ? truth * 0.7 : INVALID

/** As far as three quarters of the tolerance go. */
const shade = ({ tolerance }: Rules) => (truth: number, { own, submission }: About): number => {
  const by = (0.75 * Number(tolerance)) / 1e18
  return submission === null || truth === INVALID ? truth : truth * (own ? 1 - by : 1 + by)
}

const better = (by: number) => (round: number, world: World): number[] => [average(round, world) * (1 - by)]

const colluding = (share: number, verdict: NonNullable<Deviation['verdict']>) => (random: Random, rules?: Rules, kind?: WorldKind) => scenario(random, {
  validators: VALIDATORS.slice(0, Math.round(share * VALIDATORS.length)), verdict,
  ownStakes: [STAKE], ownScores: (round, world) => [average(round, world)],
}, rules, kind)

const trainer = (ownStakes: number[], ownScores: NonNullable<Deviation['ownScores']>) => (random: Random, rules?: Rules, kind?: WorldKind) =>
  scenario(random, { ownStakes, ownScores }, rules, kind)

const validator = (deviation: Deviation) => (random: Random, rules?: Rules, kind?: WorldKind) =>
  scenario(random, { validators: VALIDATORS.slice(0, 1), ...deviation }, rules, kind)

/** The creator's own trainer with some stake in tokens. */
export const creatorsOwn = (stake: number) => trainer([stake], (round, world) => [Math.min(...world.scores[round]!) * 0.75])

export const strategies: Strategy[] = [
  { name: 'honest trainer', side: 'trainer', what: 'one more like the others', plan: trainer([STAKE], (round, world) => [world.newcomer[round]!]) },
  { name: 'average trainer', side: 'trainer', what: 'always of average quality', plan: trainer([STAKE], (round, world) => [average(round, world)]) },
  { name: 'slightly better', side: 'trainer', what: 'always 1 % better than the average', plan: trainer([STAKE], better(0.01)) },
  { name: 'better', side: 'trainer', what: 'always 5 % better than the average', plan: trainer([STAKE], better(0.05)) },
  { name: 'copycat', side: 'trainer', what: 'submits the last round\'s best adapter again', plan: trainer([STAKE], (round, world) => (round === 0 ? [] : [world.champion[round]!])) },
  { name: 'near-copy', side: 'trainer', what: 'the same, 0.05 % better by chance', plan: trainer([STAKE], (round, world) => (round === 0 ? [] : [world.champion[round]! * 0.9995])) },
  {
    name: 'shard prober', side: 'trainer', what: 'three variants of one adapter from three accounts, to fish for luck',
    plan: trainer([STAKE / 3, STAKE / 3, STAKE / 3].map(Math.floor), (round, world) => range(0, 2).map(() => average(round, world) * (1 + 0.003 * world.random.normal()))),
  },
  { name: 'Sybils', side: 'trainer', what: 'one adapter of average quality from four accounts with a quarter of the stake each', plan: trainer([25, 25, 25, 25], (round, world) => Array<number>(4).fill(average(round, world))) },
  { name: 'unavailable adapter', side: 'trainer', what: 'opens a CID that no peer can fetch', plan: trainer([STAKE], () => [INVALID]) },
  { name: 'junk', side: 'trainer', what: 'an adapter 10 % worse than the base', plan: trainer([STAKE], () => [BASE * 1.1]) },
  { name: 'creator\'s own trainer', side: 'trainer', what: 'has seen the hidden rows: 25 % better than everybody', plan: creatorsOwn(STAKE) },
  { name: 'honest validator', side: 'validator', what: 'scores everything', plan: validator({}) },
  { name: 'lazy: constant', side: 'validator', what: 'one number for every item', plan: validator({ verdict: () => BASE * 0.9 }) },
  { name: 'lazy: base score', side: 'validator', what: 'scores the base model and gives its score to all', plan: validator({ verdict: () => BASE }) },
  { name: 'score copier', side: 'validator', what: 'gives the last round\'s public consensus, the base score where there is none', plan: validator({ verdict: (_truth, { before }) => before ?? BASE }) },
  { name: 'coarse arithmetic', side: 'validator', what: 'scores everything, with ten times the others\' noise', plan: validator({ verdict: (truth, { noise }) => truth * (1 + COARSE_NOISE * noise.normal()) }) },
  {
    name: 'sampler', side: 'validator', what: 'scores a tenth of the rows',
    plan: validator({ verdict: (truth, { round, noise }, { luck }) => truth * (1 + SAMPLE_NOISE.all * luck[round]! + SAMPLE_NOISE.each * noise.normal()) }),
  },
  { name: 'absent once', side: 'validator', what: 'honest, but the second round\'s scores are not revealed', plan: validator({ reveals: round => round !== 1 }) },
  { name: 'does not reveal', side: 'validator', what: 'seals scores and keeps them', plan: validator({ reveals: () => false }) },
  { name: 'collusion, 10 %', side: 'validator', what: 'own trainer 30 % better, all others INVALID', plan: colluding(0.1, pushOwn) },
  { name: 'collusion, 30 %', side: 'validator', what: 'the same with 30 % of the stake', plan: colluding(0.3, pushOwn) },
  { name: 'collusion, 45 %', side: 'validator', what: 'the same with 45 % of the stake', plan: colluding(0.45, pushOwn) },
  {
    name: 'shading, 45 %', side: 'validator', what: 'own trainer better, all others worse by three quarters of the tolerance',
    plan: (random, rules = defaultRules, kind) => colluding(0.45, shade(rules))(random, rules, kind),
  },
  {
    name: 'key withheld', side: 'creator', what: 'keeps the second round\'s key; per unit of bond',
    plan: (random, rules, kind) => scenario(random, { withholdsKey: round => round === 1, subjects: [CREATOR] }, rules, kind),
  },
]

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}
