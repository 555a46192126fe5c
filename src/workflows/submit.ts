/** Publishing a finished adapter: into this browser's blocks, sealed on chain, opened when the phase comes. */
import { cidToDigest } from '../arena/cid.ts'
import { newSalt } from '../arena/commitments.ts'
import { ArenaError } from '../arena/errors.ts'
import { senderOf, type ArenaWriter } from '../chain/arena.ts'
import type { TransactionOptions } from '../chain/transaction.ts'
import { openSubmission } from '../chain/writes/openSubmission.ts'
import { sealSubmission } from '../chain/writes/sealSubmission.ts'
import { addDirectory, announce, contentBytes, pin, type ArenaNode } from '../network/index.ts'
import { database, type RunRecord, type SubmissionRecord } from '../store/database.ts'

export class NoAdapterError extends ArenaError {
  override name = 'NoAdapterError'
  constructor() {
    super('This run has no adapter yet.', 'Train until it ends, or end it and keep the best so far.')
  }
}

export class SaltLostError extends ArenaError {
  override name = 'SaltLostError'
  constructor() {
    super('This browser does not know the salt of the sealed submission.',
      'Open the page in the browser profile that sealed it; without the salt a submission counts as none.')
  }
}

export const submissionKey = (task: string, round: number, trainer: string) => `${task}:${round}:${trainer.toLowerCase()}`

/** Adds and pins a run's adapter in this browser. @returns its CID. */
export async function publishAdapter(node: ArenaNode, run: RunRecord): Promise<string> {
  if (!run.adapter) throw new NoAdapterError()
  const cid = await addDirectory(node, { ...run.adapter })
  await pin(node, cid, { label: `adapter of run ${run.id}` })
  await database.runs.update(run.id, { cid })
  return cid
}

/**
 * Seals a run's adapter in a round. The salt is stored before anything is sent.
 * @throws NoAdapterError and the errors of `sealSubmission`.
 */
export async function sealAdapter(
  context: { writer: ArenaWriter; node: ArenaNode; task: string; taskId: bigint; round: number }, run: RunRecord, options?: TransactionOptions,
): Promise<SubmissionRecord> {
  const { writer, node, task, taskId, round } = context
  const trainer = senderOf(writer)
  const cid = await publishAdapter(node, run)
  const record: SubmissionRecord = {
    key: submissionKey(task, round, trainer), task, round, trainer, runId: run.id, cid, digest: cidToDigest(cid, 'dag-pb'), salt: newSalt(),
  }
  // A replaced submission can be opened no more, but one whose new seal never arrived can: keep both until it has.
  const before = await database.submissions.get(record.key)
  await database.submissions.put({ ...record, previous: before && { runId: before.runId, cid: before.cid, digest: before.digest, salt: before.salt } })
  await sealSubmission(writer, { taskId, round, adapterDigest: record.digest, salt: record.salt }, options)
  await database.submissions.put(record)
  return record
}

/** Opens what this account sealed, and tells peers where the adapter is. */
export async function openAdapter(
  context: { writer: ArenaWriter; node: ArenaNode; task: string; taskId: bigint; round: number }, options?: TransactionOptions,
): Promise<void> {
  const { writer, node, task, taskId, round } = context
  const record = await database.submissions.get(submissionKey(task, round, senderOf(writer)))
  if (!record) throw new SaltLostError()
  try {
    await openSubmission(writer, { taskId, round, adapterDigest: record.digest, salt: record.salt }, options)
  } catch (error) {
    // The tab was closed between storing a new salt and its transaction: the older seal is the one on chain.
    if (!record.previous || (error as Error).name !== 'CommitmentMismatchError') throw error
    await openSubmission(writer, { taskId, round, adapterDigest: record.previous.digest, salt: record.previous.salt }, options)
    await database.submissions.put({ ...record, ...record.previous, previous: undefined })
  }
  const adapter = (await database.runs.get(record.runId))?.adapter
  announce(node, String(taskId), record.cid, adapter && contentBytes(adapter))
}
