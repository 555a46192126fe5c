import type { HelperStart } from './helper.ts'

/** Milliseconds within which a helper listens, on a busy machine too. */
const PATIENCE = 20_000

/** Starts a helper thread, in a browser or in Node, and waits until it listens. @returns what ends it. @throws when it does not start. */
export async function startHelper(start: HelperStart): Promise<() => void> {
  return 'process' in globalThis && globalThis.process?.versions?.node ? inNode(start) : inBrowser(start)
}

async function inNode(start: HelperStart): Promise<() => void> {
  const { Worker } = await import(/* @vite-ignore */ 'node:worker_threads')
  const worker = new Worker(new URL('./helper.ts', import.meta.url))
  worker.postMessage(start)
  await new Promise<void>((resolve, reject) => worker.once('message', () => resolve()).once('error', reject))
  // A program may end while its helpers wait.
  worker.unref()
  return () => void worker.terminate()
}

/** A worker that nobody refers to may be collected before it listens. */
const starting = new Set<Worker>()

function inBrowser(start: HelperStart): Promise<() => void> {
  const worker = new Worker(new URL('./helper.ts', import.meta.url), { type: 'module' })
  starting.add(worker)
  worker.postMessage(start)
  return new Promise<() => void>((resolve, reject) => {
    const fail = (reason: string) => {
      worker.terminate()
      reject(new Error(`A helper thread did not start: ${reason}`))
    }
    const timer = setTimeout(() => fail(`no answer within ${PATIENCE / 1000} s.`), PATIENCE)
    worker.onmessage = () => {
      clearTimeout(timer)
      resolve(() => worker.terminate())
    }
    worker.onerror = (event) => {
      clearTimeout(timer)
      fail(event.message)
    }
  }).finally(() => starting.delete(worker))
}
