/**
 * A creator's work, in a tab or by script: rows split and sealed, everything
 * published, the keys kept, and only then the task put on chain and paid for.
 */
import { bytesToHex, type Address, type Hex, type TransactionReceipt } from 'viem'
import { cidToDigest } from '../arena/cid.ts'
import { ArenaError } from '../arena/errors.ts'
import type { Clock, Rules } from '../arena/parameters.ts'
import { keyCommitment, newShardKey, sealShard, sha256Hex } from '../arena/sealedShard.ts'
import { encodeTaskSpec, type TaskSpec } from '../arena/taskSpec.ts'
import type { ArenaWriter } from '../chain/arena.ts'
import type { TransactionOptions } from '../chain/transaction.ts'
import { createTask as createOnChain } from '../chain/writes/createTask.ts'
import type { ChatRow } from '../data/row.ts'
import { shuffled } from '../data/splitRows.ts'
import { writeRows } from '../data/writeRows.ts'
import { addBlock, addFile, pin, type ArenaNode } from '../network/index.ts'

/** Seconds of each phase. */
export type PhaseLengths = Omit<Clock, 'start' | 'rounds'>

/** What the task is about. */
export interface TaskDraft extends Pick<TaskSpec, 'title' | 'description' | 'models' | 'parameterLimit' | 'contextLength' | 'chatTemplate' | 'recommended'> {
  /** Public rows; none in a data-generation task. */
  trainingRows: ChatRow[]
  /** Hidden rows: a shard per round, and perhaps a last one that stays private. */
  shards: ChatRow[][]
}

/** What it pays and when. Amounts in wei. */
export interface TaskTerms {
  bountyToken?: Address
  bounty: bigint
  bond: bigint
  trainerMinStake: bigint
  validatorMinStake: bigint
  lengths: PhaseLengths
  rules: Rules
  rounds: number
}

/** A task whose files are published, before it is on chain. */
export interface PreparedTask {
  /** The spec's bytes, as they are published. */
  file: Uint8Array
  spec: TaskSpec
  /** One AES key per shard, kept by the creator until the round's submissions are closed. */
  keys: Hex[]
}

export class TooFewRowsError extends ArenaError {
  override name = 'TooFewRowsError'
  constructor(rows: number, needed: number) {
    super(`${rows} rows are there, the hidden shards alone take ${needed}.`, 'Add rows, or make fewer or smaller shards.')
  }
}

/**
 * Deals rows into hidden shards and public training rows, by a seed.
 * @throws TooFewRowsError
 */
export function splitShards(rows: readonly ChatRow[], { shards, rowsPerShard, seed }: { shards: number; rowsPerShard: number; seed: number }): Pick<TaskDraft, 'shards' | 'trainingRows'> {
  const hidden = shards * rowsPerShard
  if (rows.length < hidden) throw new TooFewRowsError(rows.length, hidden)
  const dealt = shuffled(rows.length, seed).map((index) => rows[index]!)
  return {
    shards: Array.from({ length: shards }, (_, shard) => dealt.slice(shard * rowsPerShard, (shard + 1) * rowsPerShard)),
    trainingRows: dealt.slice(hidden),
  }
}

/**
 * Seals the shards and writes the spec.
 * @param publish Adds a file to the network and returns its CID.
 * @throws InvalidTaskSpecError naming what is wrong.
 */
export async function prepareTask(publish: (file: Uint8Array) => Promise<string>, draft: TaskDraft): Promise<PreparedTask> {
  const { trainingRows, shards: rowsOfShards, chatTemplate, recommended, ...about } = draft
  const sealed = await Promise.all(rowsOfShards.map(async (rows) => {
    const plaintext = writeRows(rows)
    const key = newShardKey()
    const file = await sealShard(key, plaintext)
    return { key: bytesToHex(key), shard: { cid: await publish(file), plaintextSha256: await sha256Hex(plaintext), rows: rows.length, bytes: file.byteLength } }
  }))
  const sample = writeRows(trainingRows)
  const spec: TaskSpec = {
    version: 1, ...about, metric: 'bits-per-byte/1', shards: sealed.map(({ shard }) => shard),
    ...(trainingRows.length > 0 && { trainingSet: { cid: await publish(sample), rows: trainingRows.length, bytes: sample.byteLength, sha256: await sha256Hex(sample) } }),
    ...(chatTemplate && { chatTemplate }),
    ...(recommended && { recommended }),
  }
  return { file: encodeTaskSpec(spec), spec, keys: sealed.map(({ key }) => key) }
}

export interface PublishedTask extends PreparedTask {
  taskId: bigint
  receipt: TransactionReceipt
  /** Everything that was added to this node's blocks. */
  published: { cid: string; bytes: number }[]
}

/**
 * Publishes a task through a node, creates it on chain and pays for it.
 * @param keep Stores the keys before anything is on chain: without them every round is void and the bond is lost.
 * @throws TooFewRowsError, InvalidTaskSpecError, and the errors of the chain's `createTask`.
 */
export async function publishTask(
  { writer, node, keep }: { writer: ArenaWriter; node: ArenaNode; keep: (task: PreparedTask & { specDigest: Hex; published: PublishedTask['published'] }) => Promise<void> },
  draft: TaskDraft, { rounds, lengths, ...terms }: TaskTerms, options?: TransactionOptions,
): Promise<PublishedTask> {
  const published: PublishedTask['published'] = []
  const label = `task ${draft.title}`
  const hold = async (cid: string, bytes: number) => {
    await pin(node, cid, { label, bytes })
    published.push({ cid, bytes })
    return cid
  }
  const task = await prepareTask(async (file) => hold(await addFile(node, file), file.byteLength), draft)
  const specDigest = cidToDigest(await hold(await addBlock(node, task.file), task.file.byteLength), 'raw')
  await keep({ ...task, specDigest, published })
  const { taskId, receipt } = await createOnChain(writer, {
    ...terms, specDigest, clock: { start: 0, ...lengths },
    shards: task.keys.slice(0, rounds).map((key, round) => ({ keyHash: keyCommitment(key), plaintextDigest: `0x${task.spec.shards[round]!.plaintextSha256}` })),
  }, options)
  return { ...task, taskId, receipt, published }
}
