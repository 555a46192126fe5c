/** What a run is and what it leaves behind. */
import type { Address, Hex } from 'viem'
import type { Clock } from '../../src/arena/parameters.ts'
import type { RoundInput, RoundOutcome } from '../../src/arena/round.ts'
import type { Deployment } from '../../src/chain/deployments.ts'
import type { Actor, BulkChain } from './bulkChain.ts'
import type { Owed, TaskLedger } from './ledger.ts'
import type { ActorIndex, TaskPlan } from './plan.ts'

/** A played run: what the chain holds, and what it should. */
export interface Played {
  chain: BulkChain
  deployment: Deployment
  arena: Address
  tokens: { stake: Address; bounty: Address }
  actors: Actor[]
  tasks: PlayedTask[]
  owed: Owed
  /** By operator; empty where nobody delegates. */
  vaults: Map<ActorIndex, PlayedVault>
  /** Verdicts about submissions (the base model not counted) that were revealed and settled. */
  validations: number
  /** Opened submissions. */
  models: number
  /** False settlements that were tried, and how many the contract refused. */
  griefing: { attempts: number; refused: number }
}

export interface PlayedTask {
  plan: TaskPlan
  taskId: bigint
  clock: Clock
  ledger: TaskLedger
  rounds: PlayedRound[]
}

/** One round's inputs as they came to be on chain. */
export interface PlayedRound {
  opened: { actor: number; order: number; time: number }[]
  enrolled: { actor: number; time: number }[]
  seed: Hex | null
  input: RoundInput | null
  /** Null where nobody settled. */
  outcome: RoundOutcome | null
}

/** A delegation vault, and who put how much in. Nobody joins or leaves before the end. */
export interface PlayedVault {
  address: Address
  /** Wei by delegator, in order of deposit; as many shares. */
  deposits: { delegator: ActorIndex; amount: bigint }[]
}

export interface PlayOptions {
  /** Try false settlements of every batch before the true one. */
  griefing?: boolean
  /** Seals and reveals of many validators in one transaction each, as a gatherer sends them. */
  gather?: boolean
  /** Keep all logs on the node, so that others can read them; otherwise it forgets old blocks to save memory. */
  keepLogs?: boolean
}

/** What the steps of a run share. */
export interface Stage {
  chain: BulkChain
  arena: Address
  actors: readonly Actor[]
  addresses: readonly Address[]
  options: PlayOptions
  griefing: Played['griefing']
  /** Queues a call to the arena. */
  call: (actor: ActorIndex, label: string, data: Hex) => void
}
