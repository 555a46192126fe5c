/** A helper thread: waits in shared memory, takes its shares of each run, never returns. */
import { control, controlAddress, controlWords } from './control.ts'
import type { KernelFunctions } from './kernels.ts'

export interface HelperStart {
  module: WebAssembly.Module
  memory: WebAssembly.Memory
  /** Which scratch memory is its own: 1, 2, … */
  index: number
}

async function serve({ module, memory, index }: HelperStart, ready: () => void): Promise<void> {
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } })
  const { work } = exports as unknown as KernelFunctions
  const words = new Int32Array(memory.buffer, controlAddress, controlWords)
  let generation = Atomics.load(words, control.generation)
  ready()
  for (;;) {
    Atomics.wait(words, control.generation, generation)
    const now = Atomics.load(words, control.generation)
    if (now === generation) continue
    generation = now
    work(words[control.commands], words[control.length], words[control.scratch] + index * words[control.scratchBytes])
    Atomics.sub(words, control.pending, 1)
    Atomics.notify(words, control.pending)
  }
}

// No top-level await: a browser may deliver the first message while a module still waits.
const port = globalThis.process?.getBuiltinModule?.('node:worker_threads')?.parentPort
if (port) port.once('message', (start: HelperStart) => void serve(start, () => port.postMessage('ready')))
else globalThis.onmessage = ({ data }: MessageEvent<HelperStart>) => void serve(data, () => globalThis.postMessage('ready'))
