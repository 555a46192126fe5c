/** Tasks that this browser created: their keys are kept here, and each is revealed when its round is opened. */
import { ArenaError } from '../arena/errors.ts'
import { phaseAt } from '../arena/phases.ts'
import type { ArenaWriter } from '../chain/arena.ts'
import type { TaskState } from '../chain/state/taskState.ts'
import { revealKey } from '../chain/writes/revealKey.ts'
import { announce, type ArenaNode } from '../network/index.ts'
import { publishTask, type TaskDraft, type TaskTerms } from './createTask.ts'
import type { TransactionOptions } from '../chain/transaction.ts'
import { database } from '../store/database.ts'

export class KeyLostError extends ArenaError {
  override name = 'KeyLostError'
  constructor(round: number) {
    super(`This browser does not know the key of round ${round + 1}'s hidden rows.`,
      'Open the page in the browser profile that created the task before the phase ends; without the key the round is void and a part of the bond is lost.')
  }
}

/** Rounds whose key is to be revealed now; one without sealed submissions needs none. */
export function keysDue(task: TaskState, time: number): number[] {
  return task.rounds.filter((state) => state.key === null && state.commitments.size > 0 && phaseAt(task.clock, state.round, time) === 'open').map(({ round }) => round)
}

/** @throws KeyLostError and the errors of `revealKey`. */
export async function revealKeptKey(writer: ArenaWriter, task: TaskState, round: number): Promise<void> {
  const key = (await database.createdTasks.get(task.specDigest))?.keys[round]
  if (!key) throw new KeyLostError(round)
  await revealKey(writer, { taskId: task.taskId, round, key })
}

/**
 * Publishes a task and creates it on chain; its keys are in this browser before anything is sent.
 * @returns its number.
 */
export async function createAndKeep(context: { writer: ArenaWriter; node: ArenaNode }, draft: TaskDraft, terms: TaskTerms, options?: TransactionOptions): Promise<bigint> {
  const { taskId, published } = await publishTask({
    ...context,
    keep: async ({ specDigest, keys, published }) => {
      await database.createdTasks.put({ specDigest, title: draft.title, createdAt: Date.now(), keys, published })
    },
  }, draft, terms, options)
  for (const { cid, bytes } of published) announce(context.node, String(taskId), cid, bytes)
  return taskId
}

const offered = new Set<string>()

/** Tells peers, once a visit, that a created task's files are here. */
export async function offerCreated(node: ArenaNode, task: TaskState): Promise<void> {
  if (offered.has(task.specDigest)) return
  offered.add(task.specDigest)
  const record = await database.createdTasks.get(task.specDigest)
  for (const { cid, bytes } of record?.published ?? []) announce(node, String(task.taskId), cid, bytes)
}
