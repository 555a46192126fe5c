/**
 * What each rule does by itself: every value of a parameter on the same populations, all others at their defaults, on
 * paper. A measure is a difference between two strategies' profits per stake, or one's own, over a task.
 */
import type { Address } from 'viem'
import { defaultRules } from '../../src/arena/defaultRules.ts'
import type { Rules } from '../../src/arena/parameters.ts'
import { Random } from '../../src/data/random.ts'
import { playOnPaper } from './paper.ts'
import { estimate, profit, type Estimate } from './profit.ts'
import { strategies } from './strategies.ts'

/** What a value is judged by. */
export interface Measure {
  /** Column's head: what is compared. */
  name: string
  /** Of the two strategies' profits in tasks of the same population; `honest` are the others in the first one's task. */
  strategy: string
  against?: string
  /** Whether more is better. */
  wanted: 'high' | 'low' | 'about 0'
}

export interface Parameter {
  name: string
  values: number[]
  /** The default, as one of the values. */
  chosen: number
  set: (rules: Rules, value: number) => Rules
  measures: Measure[]
}

export interface SweptValue {
  value: number
  /** One per measure. */
  estimates: Estimate[]
}

export interface Swept {
  parameter: Parameter
  rows: SweptValue[]
}

const wad = (value: number): bigint => BigInt(Math.round(value * 1e9)) * 10n ** 9n
const asNumber = (value: bigint): number => Number(value) / 1e18
const HIGHEST_SLASH = 5000
const HONEST = 'honest'
type Slash = 'slashInvalid' | 'slashWorse' | 'slashNotSealed' | 'slashNotRevealed' | 'slashDeviant' | 'slashVerdict'

/** Some slashes of stake times a factor, up to what the contract takes. */
const scale = (...names: Slash[]) => (rules: Rules, factor: number): Rules => ({
  ...rules, ...Object.fromEntries(names.map(name => [name, Math.min(HIGHEST_SLASH, Math.round(rules[name] * factor))])),
})

export const parameters: Parameter[] = [
  {
    name: 'q', values: [0.5, 0.6, 0.7, 0.8, 0.9], chosen: asNumber(defaultRules.q), set: (rules, value) => ({ ...rules, q: wad(value) }),
    measures: [
      { name: '5 % better, against average', strategy: 'better', against: 'average trainer', wanted: 'high' },
      { name: '1 % better, against average', strategy: 'slightly better', against: 'average trainer', wanted: 'high' },
      { name: 'average trainer', strategy: 'average trainer', wanted: 'high' },
      { name: 'creator\'s own trainer, against honest', strategy: 'creator\'s own trainer', against: HONEST, wanted: 'low' },
    ],
  },
  {
    name: 'eta', values: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02], chosen: asNumber(defaultRules.eta), set: (rules, value) => ({ ...rules, eta: wad(value) }),
    measures: [
      { name: '1 % better, against average', strategy: 'slightly better', against: 'average trainer', wanted: 'high' },
      { name: 'near-copy, against copycat', strategy: 'near-copy', against: 'copycat', wanted: 'about 0' },
      { name: 'shard prober, against average', strategy: 'shard prober', against: 'average trainer', wanted: 'low' },
    ],
  },
  {
    name: 'lambda', values: [5, 20, 50, 100, 200, 500], chosen: asNumber(defaultRules.lambda), set: (rules, value) => ({ ...rules, lambda: wad(value) }),
    measures: [
      { name: 'coarse arithmetic, against honest', strategy: 'coarse arithmetic', against: HONEST, wanted: 'about 0' },
      { name: 'sampler, against honest', strategy: 'sampler', against: HONEST, wanted: 'low' },
      { name: 'shading, against honest', strategy: 'shading, 45 %', against: HONEST, wanted: 'low' },
    ],
  },
  {
    name: 'tolerance', values: [0.0025, 0.005, 0.01, 0.02, 0.05], chosen: asNumber(defaultRules.tolerance), set: (rules, value) => ({ ...rules, tolerance: wad(value) }),
    measures: [
      { name: 'coarse arithmetic, against honest', strategy: 'coarse arithmetic', against: HONEST, wanted: 'about 0' },
      { name: 'sampler, against honest', strategy: 'sampler', against: HONEST, wanted: 'low' },
      { name: 'shading, against honest', strategy: 'shading, 45 %', against: HONEST, wanted: 'low' },
    ],
  },
  {
    name: 'slashes for absence, times', values: [0, 0.25, 0.5, 1, 2, 4], chosen: 1, set: scale('slashNotSealed', 'slashNotRevealed'),
    measures: [
      { name: 'absent once, against honest', strategy: 'absent once', against: HONEST, wanted: 'high' },
      { name: 'does not reveal', strategy: 'does not reveal', wanted: 'low' },
    ],
  },
  {
    name: 'slashes for wrong scores, times', values: [0, 0.25, 0.5, 1, 2, 4], chosen: 1, set: scale('slashDeviant', 'slashVerdict'),
    measures: [
      { name: 'score copier', strategy: 'score copier', wanted: 'low' },
      { name: 'sampler', strategy: 'sampler', wanted: 'low' },
      { name: 'collusion, 45 %', strategy: 'collusion, 45 %', wanted: 'low' },
    ],
  },
  {
    name: 'slashes of trainers, times', values: [0, 0.25, 0.5, 1, 2, 4], chosen: 1, set: scale('slashInvalid', 'slashWorse'),
    measures: [
      { name: 'unavailable adapter', strategy: 'unavailable adapter', wanted: 'low' },
      { name: 'junk', strategy: 'junk', wanted: 'low' },
    ],
  },
]

/**
 * @param replicas tasks per strategy and value.
 * @param addresses of all actors.
 */
export function sweep(replicas: number, seed: number, addresses: readonly Address[]): Swept[] {
  return parameters.map(parameter => ({
    parameter,
    rows: parameter.values.map(value => {
      const rules = parameter.set(defaultRules, value)
      const profits = new Map<string, { own: number; honest: number }[]>()
      const play = (name: string) => profits.get(name) ?? run(name)
      const run = (name: string) => {
        const strategy = strategies.find(entry => entry.name === name)
        if (!strategy) throw new Error(`No strategy is called ${name}.`)
        const all = Array.from({ length: replicas }, (_, replica) => {
          // A population of its own for each replica, and the same one for every strategy and value.
          const { plan, subjects, honest } = strategy.plan(new Random(seed * 1_000_003 + replica), rules)
          const played = playOnPaper(plan, addresses)
          return { own: profit(played, subjects), honest: profit(played, honest) }
        })
        profits.set(name, all)
        return all
      }
      const estimates = parameter.measures.map(({ strategy, against }) => estimate(play(strategy).map(({ own, honest }, replica) =>
        own - (against === undefined ? 0 : against === HONEST ? honest : play(against)[replica]!.own))))
      return { value, estimates }
    }),
  }))
}
