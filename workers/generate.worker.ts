/** Answers in the name of the base or an adapter, one command after the other; see `GenerateCommand` and `GenerateEvent`. */
import { generate } from './engine/commands/generate.ts'
import { Session } from './engine/commands/session.ts'
import { toWorkerError } from './engine/errors.ts'
import { tuningStore } from './tuningStore.ts'
import type { GenerateCommand, GenerateEvent } from './protocol.ts'

const session = new Session({ tuning: tuningStore })
const aborts = new Map<string, AbortController>()
let last: Promise<void> = Promise.resolve()

addEventListener('message', ({ data: command }: MessageEvent<GenerateCommand>) => {
  const { runId } = command
  if (command.type === 'cancel') {
    aborts.get(runId)?.abort()
    return
  }
  const abort = new AbortController()
  const emit = (event: GenerateEvent): void => postMessage(event)
  aborts.set(runId, abort)
  last = last
    .then(() => generate(command, { session, signal: abort.signal, emit }))
    .catch((error: unknown) => emit(abort.signal.aborted ? { type: 'cancelled', runId } : { type: 'failed', runId, error: toWorkerError(error) }))
    .finally(() => aborts.delete(runId))
})
