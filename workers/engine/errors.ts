import type { WorkerError } from '../protocol.ts'

/** An error as it crosses the worker boundary. Errors of ours carry their advice. */
export function toWorkerError(error: unknown): WorkerError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), advice: fallback }
  const { advice } = error as Error & { advice?: unknown }
  return { name: error.name, message: error.message, advice: typeof advice === 'string' ? advice : fallback }
}

const fallback = 'Reload the page and try again; training goes on from its last checkpoint.'
