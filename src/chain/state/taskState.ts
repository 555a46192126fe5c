/** A task as its events tell it: everything a page, a validator or a settler needs to know, without a further read. */
import type { Address, Hex } from 'viem'
import type { Reason } from '../../arena/consensus.ts'
import type { Clock, Rules } from '../../arena/parameters.ts'
import type { StakeRole } from '../writes/stake.ts'

export interface TaskState {
  taskId: bigint
  creator: Address
  /** Digest and CID of the spec. */
  specDigest: Hex
  specCid: string
  bountyToken: Address
  /** Wei of the creator's bond at creation. */
  bond: bigint
  trainerMinStake: bigint
  validatorMinStake: bigint
  /** Null where everybody may stake. */
  allowlistRoot: Hex | null
  clock: Clock
  rules: Rules
  /** By round. */
  shards: { keyHash: Hex; plaintextDigest: Hex }[]
  /** Wei of bounty ever put in, and by whom. */
  funded: bigint
  funders: Map<Address, bigint>
  stakes: Map<Address, StakeState>
  /** By operator: what its vault put behind it, and its terms. */
  backings: Map<Address, BackingState>
  rounds: RoundState[]
  /** Block of creation. */
  block: number
}

export interface StakeState {
  role: StakeRole
  /** Wei of own stake now. */
  amount: bigint
  /** Unix seconds before which it cannot be withdrawn. */
  lockUntil: number
  /** The last round in which the stake is at risk. */
  lastRound: number | null
}

export interface BackingState {
  /** Wei of delegated stake now. */
  amount: bigint
  /** The operator's sharing ratio, wad; null until it has set one: without it no vault can back it. */
  sigma: bigint | null
}

export interface RoundState {
  round: number
  /** Sealed submissions: the newest of each trainer. */
  commitments: Map<Address, { commitment: Hex; order: number }>
  /** Opened adapters, by index. */
  submissions: SubmissionState[]
  /** The shard's AES-256 key once revealed. */
  key: Hex | null
  /** Enrolled validators, by index. */
  validators: ValidatorState[]
  /** Block whose hash becomes the seed. */
  seedBlock: number | null
  seed: Hex | null
  /** Settled batches. */
  settled: Map<number, SettledBatch>
  /** Consensus put before a jury, by `itemKey(batch, item)`. */
  disputes: Map<string, DisputeState>
  /** Rank (from 1) by submission index. */
  ranks: Map<number, number>
  /** Set once the order is complete: wei of bounty for either side. */
  rewards: { trainers: bigint; validators: bigint } | null
  /** Set once closed as void: wei of stake token for each trainer. */
  voidShare: bigint | null
  /** Everything is paid, stakes are free. */
  done: boolean
  slashes: { account: Address; reason: Reason; amount: bigint }[]
  payments: { account: Address; role: StakeRole; token: Address; amount: bigint }[]
  /** Trainers whose reward, or part of the bond, has been credited. */
  paidTrainers: Set<Address>
}

export interface SubmissionState {
  index: number
  trainer: Address
  adapterDigest: Hex
  /** Place among the round's commitments, from 1. */
  order: number
  /** Weight units as of opening. */
  weight: bigint
  own: bigint
}

export interface ValidatorState {
  index: number
  validator: Address
  /** Weight units as of enrolment. */
  weight: bigint
  own: bigint
  sealed: boolean
  /** The seal as it is on chain, once there. */
  seal: Hex | null
  /** The revealed vector. */
  revealed: { batch: number; scores: number[]; vector: Hex } | null
}

export interface DisputeState {
  batch: number
  /** 0 is the base model. */
  item: number
  disputer: Address
  /** Wei of the stake token. */
  bond: bigint
  /** Jurors by index. */
  jurors: { juror: Address; weight: bigint; score: number | null }[]
  /** Null until counted, or lapsed. */
  outcome: { upheld: boolean; score: number } | null
}

export interface SettledBatch {
  consensus: number[]
  /** As the contract wants it back when the round is ranked and paid. */
  record: { consensus: Hex; results: readonly bigint[] }
}
