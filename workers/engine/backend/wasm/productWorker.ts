/** A helper thread of `Products`: waits in shared memory, takes shares of each product, never returns. */
import { control, readJob, takeShares } from './productJob.ts'
import type { ProductFunctions } from './productModule.ts'

interface Start {
  module: WebAssembly.Module
  memory: WebAssembly.Memory
}

async function serve({ module, memory }: Start, ready: () => void): Promise<void> {
  const instance = await WebAssembly.instantiate(module, { env: { memory } })
  const functions = instance.exports as unknown as ProductFunctions
  const words = new Int32Array(memory.buffer, 0, 64)
  let generation = Atomics.load(words, control.generation)
  ready()
  for (;;) {
    Atomics.wait(words, control.generation, generation)
    generation = Atomics.load(words, control.generation)
    takeShares(functions, words, readJob(words))
    Atomics.sub(words, control.pending, 1)
    Atomics.notify(words, control.pending)
  }
}

if ('process' in globalThis && globalThis.process?.versions?.node) {
  const { parentPort } = await import(/* @vite-ignore */ 'node:worker_threads')
  parentPort!.once('message', (start: Start) => void serve(start, () => parentPort!.postMessage('ready')))
} else {
  globalThis.onmessage = ({ data }: MessageEvent<Start>) => void serve(data, () => globalThis.postMessage('ready'))
}
