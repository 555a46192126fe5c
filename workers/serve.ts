/** The receiving end of a worker: takes commands, lets each be cancelled, and tells what fails. */
import { toWorkerError } from './engine/errors.ts'
import type { WorkerError } from './protocol.ts'

interface Message { type: string; runId: string }

export interface Service<Event> {
  /** Aborted when the command is cancelled. */
  signal: AbortSignal
  emit: (event: Event) => void
}

type Served<Command> = Exclude<Command, { type: 'cancel' }>

/**
 * Serves a worker's commands from now on, one after the other in the order in which they come.
 *
 * @param answer - does what a command asks for; what it throws is told as `failed`, or `cancelled`.
 * @param options.together - commands do not wait for each other.
 */
export function serve<Command extends Message, Event extends Message>(
  answer: (command: Served<Command>, service: Service<Event>) => Promise<void>, { together = false }: { together?: boolean } = {},
): void {
  const aborts = new Map<string, AbortController>()
  let last: Promise<void> = Promise.resolve()
  const emit = (event: Event | { type: 'cancelled'; runId: string } | { type: 'failed'; runId: string; error: WorkerError }): void => postMessage(event)

  addEventListener('message', ({ data: command }: MessageEvent<Command>) => {
    const { type, runId } = command
    if (type === 'cancel') {
      aborts.get(runId)?.abort()
      return
    }
    const abort = new AbortController()
    const { signal } = abort
    aborts.set(runId, abort)
    const turn = (together ? Promise.resolve() : last)
      .then(() => answer(command as Served<Command>, { signal, emit }))
      .catch((error: unknown) => emit(signal.aborted ? { type: 'cancelled', runId } : { type: 'failed', runId, error: toWorkerError(error) }))
      .finally(() => aborts.delete(runId))
    if (!together) last = turn
  })
}
