/**
 * Questions to a worker and their answers. Several may be open at a time: each
 * has a `runId` of its own, by which the worker's events find their way back.
 */
import type { WithoutRun, WorkerError } from '../../workers/protocol.ts'
import { EngineError, workerStopped } from './engineError.ts'

interface Message { type: string; runId: string }

export interface AskOptions<Event> {
  signal?: AbortSignal
  /** Told of everything that comes before the answer. */
  onEvent?: (event: Event) => void
}

interface Waiting<Event> {
  take: (event: Event) => void
  fail: (error: Error) => void
}

export class WorkerLine<Command extends Message, Event extends Message & { error?: WorkerError }> {
  readonly #open: () => Worker
  readonly #waiting = new Map<string, Waiting<Event>>()
  #worker: Worker | null = null

  /** @param open starts the worker; called at the first question, and at the next one after the worker has stopped. */
  constructor(open: () => Worker) {
    this.#open = open
  }

  /**
   * Asks and waits for the event that answers.
   * @throws EngineError; the signal's reason, at once, when aborted: the worker is told to stop as soon as it can.
   */
  async ask<T extends Event['type']>(
    question: WithoutRun<Exclude<Command, { type: 'cancel' }>>, answer: T, { signal, onEvent }: AskOptions<Event> = {},
  ): Promise<Extract<Event, { type: T }>> {
    signal?.throwIfAborted()
    const runId = crypto.randomUUID()
    let abort: () => void
    return new Promise<Extract<Event, { type: T }>>((resolve, reject) => {
      abort = () => {
        this.#worker?.postMessage({ type: 'cancel', runId })
        reject(signal!.reason as Error)
      }
      signal?.addEventListener('abort', abort)
      const take = (event: Event): void => {
        if (event.type === answer) resolve(event as Extract<Event, { type: T }>)
        else if (event.error) reject(new EngineError(event.error))
        else onEvent?.(event)
      }
      this.#waiting.set(runId, { take, fail: reject })
      this.#running().postMessage({ ...question, runId })
    }).finally(() => {
      this.#waiting.delete(runId)
      signal?.removeEventListener('abort', abort)
    })
  }

  /** Ends the worker, to free what it holds, and every question to it; a later one starts a new worker. */
  dispose(): void {
    this.#worker?.terminate()
    this.#worker = null
    for (const { fail } of this.#waiting.values()) fail(new DOMException('The worker was let go.', 'AbortError'))
  }

  #running(): Worker {
    if (this.#worker) return this.#worker
    const worker = (this.#worker = this.#open())
    worker.onmessage = ({ data }: MessageEvent<Event>) => this.#waiting.get(data.runId)?.take(data)
    worker.onerror = (event) => {
      if (this.#worker === worker) this.#worker = null
      for (const { fail } of this.#waiting.values()) fail(workerStopped(event))
    }
    return worker
  }
}
