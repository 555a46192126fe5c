/** Hands questions of the test to a worker, where OPFS can be written, and commands to the app's own one. */
import type { ModelsCommand, ModelsEvent } from '../../workers/protocol.ts'
import type { Answer, Question } from './worker.ts'

declare global {
  var ask: (question: Question) => Promise<Answer>
  /** Answers with all events, the last one ends the command. */
  var command: (command: ModelsCommand) => Promise<ModelsEvent[]>
}

globalThis.ask = (question) => new Promise((resolve) => {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
  worker.onmessage = ({ data }: MessageEvent<Answer>) => {
    worker.terminate()
    resolve(data)
  }
  worker.postMessage(question)
})

globalThis.command = (command) => new Promise((resolve) => {
  const worker = new Worker(new URL('../../workers/models.worker.ts', import.meta.url), { type: 'module' })
  const events: ModelsEvent[] = []
  worker.onmessage = ({ data }: MessageEvent<ModelsEvent>) => {
    events.push(data)
    if (data.type === 'loading') return
    worker.terminate()
    resolve(events)
  }
  worker.postMessage(command)
})
