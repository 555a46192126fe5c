/** What is to happen in a run, as plain data: who stakes, submits, validates, and how honestly. */
import type { Rules } from '../../src/arena/parameters.ts'

/** Indices into the run's list of actors. */
export type ActorIndex = number

export interface StakePlan {
  actor: ActorIndex
  role: 'trainer' | 'validator'
  /** Wei. */
  amount: bigint
  /** Seconds of lock from the start of the task; 0 none. */
  lock: number
}

export interface RoundPlan {
  /** Sealed submissions, in order; one that is not opened counts as none. */
  submissions: { actor: ActorIndex; opens: boolean }[]
  /** The creator reveals the shard's key. */
  keyRevealed: boolean
  /** Enrolled validators, in order. */
  validators: { actor: ActorIndex; does: 'nothing' | 'seals' | 'reveals' }[]
  /** The score a validator gives; `submission` is an index of opened ones, null for the base model. */
  score: (validator: ActorIndex, submission: number | null) => number
  /** Whether anyone settles in time; without it the round is void. */
  settled: boolean
}

export interface TaskPlan {
  creator: ActorIndex
  /** Wei of the bounty token. */
  bounty: bigint
  /** Wei of the stake token. */
  bond: bigint
  rules: Rules
  stakes: StakePlan[]
  /** Stake that others put behind trainers and validators, through their vaults; operators share by `sigma` (wad). */
  delegations?: { operator: ActorIndex; delegator: ActorIndex; amount: bigint }[]
  sigma?: bigint
  rounds: RoundPlan[]
}
