import { roundSpan } from '../src/arena/phases.ts'
import type { LocalArena } from './arena.ts'

/** Whoever opens the local arena later finds a task to train on: a new one is published when the last one has ended. */
export function keepTasksOpen(arena: LocalArena, log: (line: string) => void): () => void {
  const { rpc } = arena.account(0)
  let busy = false
  const timer = setInterval(() => void look(), 2000)
  async function look(): Promise<void> {
    if (busy) return
    busy = true
    try {
      const { clock } = arena.tasks.at(-1)!
      const now = Number((await rpc.getBlock()).timestamp)
      if (now >= clock.start + clock.rounds * roundSpan(clock)) await arena.publish()
    } catch (error) {
      log(`No new task could be published: ${(error as Error).message}`)
    } finally {
      busy = false
    }
  }
  return () => clearInterval(timer)
}
