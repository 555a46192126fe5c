import { Session } from './engine/commands/session.ts'
import type { WebGpuOptions } from './engine/plan/execute/openWebgpuExecutor.ts'
import type { TuningEvent } from './protocol.ts'
import { tuningStore } from './tuningStore.ts'

/** A worker's session, asked for by each run: a search for the fastest kernels is told to the run that waits for it. */
export function workerSession(options: Pick<WebGpuOptions, 'half'> = {}): (runId: string) => Session {
  let running = ''
  const session = new Session({
    ...options, tuning: tuningStore,
    onTuning: (progress, product) => postMessage({ type: 'tuning', runId: running, product, progress } satisfies TuningEvent),
  })
  return (runId) => {
    running = runId
    return session
  }
}
