/** The page in which a worker trains on WebAssembly. */
import type { Trained } from './threeSteps.ts'

declare global {
  /** Three training steps in a worker. */
  var trainInWorker: () => Promise<Trained>
}

globalThis.trainInWorker = () => new Promise((resolve, reject) => {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
  worker.onmessage = ({ data }: MessageEvent<Trained>) => resolve(data)
  worker.onerror = (event) => reject(new Error(event.message))
})
