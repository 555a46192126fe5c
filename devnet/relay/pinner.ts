/**
 * Holds what is announced: one announcement after the other is fetched within
 * the size limits, pinned, and announced again from here.
 */
import type { ArenaNode } from '../../src/network/arenaNode.ts'
import { parseCid } from '../../src/network/cid.ts'
import { fetchContent } from '../../src/network/download/fetchContent.ts'
import { isPinned, listPins, pin } from '../../src/network/pins.ts'
import { PinQueue } from './pinQueue.ts'

export interface PinnerOptions {
  /** Largest content to take on announcement, in bytes. */
  maxBytes: number
  /** Bytes that all pins may take together. */
  maxTotalBytes: number
  /** CIDs to take from the start, and to go on trying. */
  pins: string[]
  onLog: (line: string) => void
}

export interface Pinner {
  /** Fetches and pins a CID now; announces it on the task's topic when one is named. */
  take(cid: string, options?: { taskId?: string; label?: string }): Promise<void>
  stop(): void
}

/** Label of a pin that a task's announcement led to, before the task's id. */
const TASK_LABEL = 'task:'
const AT_ONCE = 4
/** A tab that announces is there; one that sends nothing for this long is left, ms. */
const PATIENCE = 30_000
const RETRY = 15_000

export function startPinner(node: ArenaNode, options: PinnerOptions): Pinner {
  const stopped = new AbortController()
  const queue = new PinQueue()
  let running = 0
  let used = 0

  async function take(cid: string, { taskId, label }: { taskId?: string; label?: string } = {}): Promise<void> {
    if (await isPinned(node, cid)) return
    const bytes = await fetchContent(node, cid, {
      maxBytes: Math.min(options.maxBytes, options.maxTotalBytes - used), signal: stopped.signal, timeout: PATIENCE,
      ...(taskId === undefined ? {} : { taskId }),
    })
    await pin(node, cid, { bytes, label: label ?? (taskId === undefined ? '' : TASK_LABEL + taskId) })
    used += bytes
    share(cid, bytes, taskId)
    options.onLog(`pinned ${cid} (${bytes} bytes${taskId === undefined ? '' : `, task ${taskId}`})`)
  }

  function share(cid: string, bytes: number, taskId?: string): void {
    if (taskId !== undefined) node.announcements.announce(taskId, cid, bytes)
    else node.helia.routing.provide(parseCid(cid)).catch(() => undefined)
  }

  function next(): void {
    while (running < AT_ONCE && !stopped.signal.aborted) {
      const announcement = queue.take()
      if (!announcement) return
      const { cid, peer, taskId } = announcement
      running += 1
      take(cid, { taskId })
        .then(() => queue.report(peer, true), (error: Error) => {
          if (stopped.signal.aborted) return
          queue.report(peer, false)
          options.onLog(`not pinned ${cid}: ${error.message}`)
        })
        .finally(() => {
          running -= 1
          next()
        })
    }
  }

  async function insist(cid: string): Promise<void> {
    while (!stopped.signal.aborted) {
      try {
        return await take(cid)
      } catch (error) {
        if (stopped.signal.aborted) return
        options.onLog(`not pinned yet ${cid}: ${error instanceof Error ? error.message : String(error)}`)
        await new Promise(resolve => setTimeout(resolve, RETRY))
      }
    }
  }

  /** What was pinned before a restart counts, and is announced again. */
  async function resume(): Promise<void> {
    for (const { cid, label, bytes } of await listPins(node)) {
      used += bytes
      share(cid, bytes, label.startsWith(TASK_LABEL) ? label.slice(TASK_LABEL.length) : undefined)
    }
    for (const cid of options.pins) void insist(cid)
  }

  const unwatch = node.announcements.watchAll(announcement => {
    if (announcement.bytes <= options.maxBytes && queue.add(announcement)) next()
  })
  void resume()

  return {
    take,
    stop() {
      unwatch()
      stopped.abort()
    },
  }
}
