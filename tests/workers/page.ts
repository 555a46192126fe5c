/** A page that does nothing but talk to the workers, for the test. */
import type { GenerateCommand, GenerateEvent, ScoreCommand, ScoreEvent, TrainCommand, TrainEvent } from '../../workers/protocol.ts'

type Event = TrainEvent | ScoreEvent | GenerateEvent
type Command = TrainCommand | ScoreCommand | GenerateCommand

const workers = {
  train: () => new Worker(new URL('../../workers/train.worker.ts', import.meta.url), { type: 'module' }),
  validate: () => new Worker(new URL('../../workers/validate.worker.ts', import.meta.url), { type: 'module' }),
  generate: () => new Worker(new URL('../../workers/generate.worker.ts', import.meta.url), { type: 'module' }),
}

export interface Conversation {
  worker: keyof typeof workers
  command: Command
  /** Commands to send when the first event of a type has come, e.g. `pause` at the third step. */
  replies?: { at: { type: Event['type']; count: number }; command: Command }[]
  /** Leave the worker in the middle, as a closed tab does, at this event. */
  killAt?: { type: Event['type']; count: number }
}

/** Every event until the run ends. */
async function converse({ worker: kind, command, replies = [], killAt }: Conversation): Promise<Event[]> {
  const worker = workers[kind]()
  const events: Event[] = []
  const is = ({ type, count }: { type: string; count: number }, event: Event): boolean =>
    event.type === type && events.filter((other) => other.type === type).length === count
  try {
    await new Promise<void>((resolve, reject) => {
      worker.onerror = (event) => reject(new Error(event.message))
      worker.onmessage = ({ data }: MessageEvent<Event>) => {
        events.push(data)
        for (const reply of replies) if (is(reply.at, data)) worker.postMessage(reply.command)
        if (['finished', 'cancelled', 'failed'].includes(data.type) || (killAt && is(killAt, data))) resolve()
      }
      worker.postMessage(command)
    })
  } finally {
    worker.terminate()
  }
  return events
}

declare global {
  var converse: (conversation: Conversation) => Promise<Event[]>
}
globalThis.converse = converse
