import type { ArenaReader } from '../arena.ts'
import { ContractError } from '../errors.ts'
import { feedOf } from '../feed.ts'
import type { TaskState } from '../state/taskState.ts'

/**
 * A task as the chain tells it now.
 * @returns its state and the chain's time in Unix seconds.
 * @throws NoSuchTaskError (a `ContractError`), RpcDownError.
 */
export async function readTask(
  reader: ArenaReader, taskId: bigint, options: { signal?: AbortSignal } = {},
): Promise<{ task: TaskState; time: number }> {
  const feed = feedOf(reader)
  const { head } = await feed.refresh(options)
  const task = (await feed.tasks.read()).get(String(taskId))
  if (!task) {
    throw new ContractError('NoSuchTaskError', `There is no task ${taskId}.`, 'Choose one from the list of tasks.', `NoSuchTask(${taskId})`)
  }
  return { task, time: head.timestamp }
}
