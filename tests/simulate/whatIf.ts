/** Two questions that no parameter answers, on paper: what last round's best adapter is worth to others, and a task to its own creator. */
import type { Address } from 'viem'
import { defaultRules } from '../../src/arena/defaultRules.ts'
import { WAD } from '../../src/arena/fixedPoint.ts'
import { Random } from '../../src/data/random.ts'
import { playOnPaper } from './paper.ts'
import { estimate, profit, type Estimate } from './profit.ts'
import { creatorsOwn, strategies, type WorldKind } from './strategies.ts'

export interface CopyingRow {
  kind: WorldKind
  /** Profits per stake. */
  copycat: Estimate
  nearCopy: Estimate
  honest: Estimate
}

const KINDS: WorldKind[] = [false, true].flatMap(buildsOn => [false, true].map(championIsBase => ({ buildsOn, championIsBase })))

/** @param addresses of all actors. */
export function copying(replicas: number, seed: number, addresses: readonly Address[]): CopyingRow[] {
  // Who is behind the champion is not thereby worse than nothing: only against the base model itself is that a fault.
  const rulesOf = ({ championIsBase }: WorldKind) => (championIsBase ? { ...defaultRules, margin: WAD } : defaultRules)
  return KINDS.map(kind => {
    const tasks = (name: string) => Array.from({ length: replicas }, (_, replica) => {
      const { plan, subjects, honest } = strategies.find(entry => entry.name === name)!.plan(new Random(seed * 1_000_003 + replica), rulesOf(kind), kind)
      const played = playOnPaper(plan, addresses)
      return { own: profit(played, subjects), honest: profit(played, honest) }
    })
    const copies = tasks('copycat')
    return {
      kind, copycat: estimate(copies.map(({ own }) => own)), nearCopy: estimate(tasks('near-copy').map(({ own }) => own)),
      honest: estimate(copies.map(({ honest }) => honest)),
    }
  })
}

export interface CreatorRow {
  /** Of all trainers' stake, the creator's own. */
  stake: number
  /** Of the bounty, what its trainer takes. */
  takes: Estimate
}

/** What a creator's own trainer takes of the task's bounty: it pays only where others put in more than the rest. */
export function creatorTakes(replicas: number, seed: number, addresses: readonly Address[]): CreatorRow[] {
  return [100, 900, 8100].map(own => ({
    stake: own / (own + 900),
    takes: estimate(Array.from({ length: replicas }, (_, replica) => {
      const { plan, subjects } = creatorsOwn(own)(new Random(seed * 1_000_003 + replica))
      return (profit(playOnPaper(plan, addresses), subjects) * own * 1e18) / Number(plan.bounty)
    })),
  }))
}
