import type { WorkerError } from '../../workers/protocol.ts'

/** An error that a worker reported, with its advice. */
export class EngineError extends Error {
  readonly advice: string
  constructor(error: WorkerError) {
    super(error.message)
    this.name = error.name
    this.advice = error.advice
  }
}

/** A worker that could not be loaded, or died. */
export function workerStopped(event: ErrorEvent): EngineError {
  return new EngineError({
    name: 'WorkerError',
    message: `The engine's worker stopped: ${event.message || 'it could not be loaded'}.`,
    advice: 'Reload the page; the work goes on from where it was last kept.',
  })
}
