/** The arena's tasks as every page sees them, and the specs that say what they are about. */
import { parseTaskSpec, type TaskSpec, MAX_SPEC_BYTES } from './arena/taskSpec.ts'
import { feedOf } from './chain/feed.ts'
import { readTasks, type TaskSummary } from './chain/reads/readTasks.ts'
import type { TaskState } from './chain/state/taskState.ts'
import { fetchFile } from './network/index.ts'
import { links, session } from './session.svelte.ts'
import { attend } from './workflows/autopilot.svelte.ts'

class Arena {
  /** Newest first; null until the chain has been read. Another list only when something in it is another. */
  tasks = $state.raw<readonly TaskSummary[] | null>(null)
  problem = $state.raw<unknown>(null)
}

export const arena = new Arena()

/** By spec CID: the spec, or why it cannot be shown. */
export const specs = $state<Record<string, { spec?: TaskSpec; error?: unknown }>>({})

/** Milliseconds without any block after which a spec counts as not found, and until it is asked for again. */
const SPEC_TIMEOUT = 20_000
const SPEC_RETRY = 5_000
const fetching = new Map<string, Promise<TaskSpec>>()

/** Names a task in this browser's database; a local arena that was started anew has other tasks under old numbers. */
export function taskKeyOf(task: Pick<TaskState, 'taskId' | 'specDigest'>): string {
  const { chainId, arena } = links.reader!.deployment
  return `${chainId}:${arena}:${task.taskId}:${task.specDigest.slice(2, 10)}`
}

/** A task's spec, from this browser or from peers. */
export function specOf({ specCid, taskId }: Pick<TaskState, 'specCid' | 'taskId'>): Promise<TaskSpec> {
  let spec = fetching.get(specCid)
  if (!spec) {
    spec = fetchFile(links.node!, specCid, { maxBytes: MAX_SPEC_BYTES, timeout: SPEC_TIMEOUT, taskId: String(taskId) }).then(parseTaskSpec)
    fetching.set(specCid, spec)
    spec.then(
      (spec) => {
        specs[specCid] = { spec }
      },
      (error: unknown) => {
        // The reason stays on the page while it is tried again.
        specs[specCid] = { error }
        setTimeout(() => fetching.delete(specCid), SPEC_RETRY)
      },
    )
  }
  return spec
}

/** Tasks whose spec is here. */
export function describedTasks(): { task: TaskState; spec: TaskSpec }[] {
  return (arena.tasks ?? []).flatMap(({ task }) => {
    const spec = specs[task.specCid]?.spec
    return spec ? [{ task, spec }] : []
  })
}

const same = (a: TaskSummary, b: TaskSummary | undefined) => b !== undefined && (Object.keys(a) as (keyof TaskSummary)[]).every((key) => a[key] === b[key])

/** Watches the chain until the returned function is called, and does what this account owes. */
export function watchArena(): () => void {
  let reading = false
  return feedOf(links.reader!).subscribe({
    onSync: async ({ head }) => {
      if (reading) return
      reading = true
      try {
        const tasks = await readTasks(links.reader!)
        if (tasks.length !== arena.tasks?.length || !tasks.every((task, i) => same(task, arena.tasks![i]))) arena.tasks = tasks
        arena.problem = null
        const { writer, node } = links
        if (!writer || !node) return
        for (const { task } of tasks) void specOf(task).catch(() => undefined)
        attend({ writer, node, specOf, taskKey: taskKeyOf }, tasks.map(({ task }) => task), head.timestamp)
      } catch (error) {
        arena.problem = error
      } finally {
        reading = false
      }
    },
    onError: (error) => {
      arena.problem = error
      session.chainState = 'down'
    },
  })
}
