/** Scores the base and adapters, one command after the other; see `ScoreCommand` and `ScoreEvent`. */
import { score } from './engine/commands/score.ts'
import { Session } from './engine/commands/session.ts'
import { toWorkerError } from './engine/errors.ts'
import { tuningStore } from './tuningStore.ts'
import type { ScoreCommand, ScoreEvent } from './protocol.ts'

const session = new Session({ tuning: tuningStore })
const aborts = new Map<string, AbortController>()
let last: Promise<void> = Promise.resolve()

addEventListener('message', ({ data: command }: MessageEvent<ScoreCommand>) => {
  const { runId } = command
  if (command.type === 'cancel') {
    aborts.get(runId)?.abort()
    return
  }
  const abort = new AbortController()
  const emit = (event: ScoreEvent): void => postMessage(event)
  aborts.set(runId, abort)
  last = last
    .then(() => score(command, { session, signal: abort.signal, emit }))
    .catch((error: unknown) => emit(abort.signal.aborted ? { type: 'cancelled', runId } : { type: 'failed', runId, error: toWorkerError(error) }))
    .finally(() => aborts.delete(runId))
})
