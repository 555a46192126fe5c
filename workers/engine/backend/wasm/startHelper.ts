import type { HelperStart } from './helper.ts'

/** Starts a helper thread, in a browser or in Node, and waits until it listens. @returns what ends it. */
export function startHelper(start: HelperStart): Promise<() => void> {
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

function inBrowser(start: HelperStart): Promise<() => void> {
  const worker = new Worker(new URL('./helper.ts', import.meta.url), { type: 'module' })
  worker.postMessage(start)
  return new Promise((resolve, reject) => {
    worker.onmessage = () => resolve(() => worker.terminate())
    worker.onerror = (event) => reject(new Error(event.message))
  })
}
