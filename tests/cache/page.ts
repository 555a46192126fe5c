/** Hands questions of the test to a worker, where OPFS can be written. */
import type { Answer, Question } from './worker.ts'

declare global {
  var ask: (question: Question) => Promise<Answer>
}

globalThis.ask = (question) => new Promise((resolve) => {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
  worker.onmessage = ({ data }: MessageEvent<Answer>) => {
    worker.terminate()
    resolve(data)
  }
  worker.postMessage(question)
})
