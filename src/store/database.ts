import Dexie, { type EntityTable } from 'dexie'
import type { Hex } from 'viem'
import type { ChatRow } from '../data/row.ts'
import type { AdapterFiles, Backend, CachedModelFile, ItemVerdict, LoraSettings, ModelDescription, TrainingSettings } from '../../workers/protocol.ts'

/** The burner account of this browser; one per chain is enough for one person. */
export interface KeyRecord {
  name: 'burner'
  privateKey: Hex
}

/** A training run: settings, curve and, once there, the adapter. */
export interface RunRecord {
  id: string
  /** `chainId:arena:taskId`. */
  task: string
  createdAt: number
  state: 'running' | 'paused' | 'finished' | 'failed' | 'cancelled'
  /** Key of the base (see `baseChoices`); the task's first one where it is absent. */
  base?: string
  lora: LoraSettings
  training: TrainingSettings
  /** Null until the engine has opened one. */
  backend: Backend | null
  step: number
  bestStep: number
  bestLoss: number
  endedBy?: 'steps' | 'level' | 'stopped'
  losses: { step: number; loss: number }[]
  evaluations: { step: number; loss: number; bitsPerByte: number }[]
  samples?: { step: number; prompt: string; text: string }[]
  adapter?: AdapterFiles
  /** Set once the adapter has been added to this browser's blocks. */
  cid?: string
}

/** A base model that this browser keeps, or is bringing in. */
export interface ModelRecord {
  id: string
  /** What the person and adapters call it, e.g. `HuggingFaceTB/SmolLM2-135M-Instruct`. */
  name: string
  origin: { kind: 'address' | 'files' | 'cid'; text: string }
  addedAt: number
  /** The addresses it comes from while it is unfinished; a download goes on from here. */
  unfinished?: { name: string; source: string }[]
  /** Empty while unfinished. */
  files: CachedModelFile[]
  /** Absent while unfinished. */
  description?: ModelDescription
  /** Set once it has been added to this browser's blocks. */
  cid?: string
}

/** A sealed submission: without the salt it can never be opened. */
export interface SubmissionRecord {
  /** `task:round:trainer`. */
  key: string
  task: string
  round: number
  trainer: Hex
  runId: string
  cid: string
  digest: Hex
  salt: Hex
  /** The submission that this one replaces, until its seal is on chain. */
  previous?: Pick<SubmissionRecord, 'runId' | 'cid' | 'digest' | 'salt'>
}

/** A validator's scores of one batch: without scores and salt its seal can never be revealed. */
export interface ValidationRecord {
  /** `task:round:batch:validator`. */
  key: string
  task: string
  round: number
  batch: number
  validator: Hex
  /** Verdict per item of the batch; item 0 is the base. */
  verdicts: { id: string; verdict: ItemVerdict }[]
  /** Micro-bits per byte, INVALID or ABSTAIN per item. */
  scores: number[]
  salt: Hex
}

/** Rows that a person brought to a task. */
export interface OwnRowsRecord {
  task: string
  /** Names of the files. */
  name: string
  rows: ChatRow[]
  /** Whether they take the place of the task's rows, or come on top. */
  use: 'instead' | 'added'
}

/** A task that this browser created: without its keys every round is void and the bond is lost. */
export interface CreatedTaskRecord {
  /** Digest of the spec; known before the task has a number. */
  specDigest: Hex
  title: string
  createdAt: number
  /** AES keys of the hidden shards, by round; one beyond the rounds is never revealed. */
  keys: Hex[]
  /** What peers have to find here. */
  published: { cid: string; bytes: number }[]
}

/** Everything this browser must not forget. */
export const database = new Dexie('lanista') as Dexie & {
  keys: EntityTable<KeyRecord, 'name'>
  runs: EntityTable<RunRecord, 'id'>
  submissions: EntityTable<SubmissionRecord, 'key'>
  validations: EntityTable<ValidationRecord, 'key'>
  models: EntityTable<ModelRecord, 'id'>
  ownRows: EntityTable<OwnRowsRecord, 'task'>
  createdTasks: EntityTable<CreatedTaskRecord, 'specDigest'>
}

database.version(1).stores({
  keys: 'name',
  runs: 'id, task, createdAt',
  submissions: 'key, task',
  validations: 'key, task',
})
database.version(2).stores({
  models: 'id, addedAt',
  ownRows: 'task',
  createdTasks: 'specDigest',
})
