/** Starts helper threads, in browsers and in Node, and waits until they listen. @returns how many there are. */
export async function startHelpers(count: number, start: { module: WebAssembly.Module; memory: WebAssembly.Memory }): Promise<number> {
  await Promise.all(Array.from({ length: count }, () => ('process' in globalThis && globalThis.process?.versions?.node ? inNode(start) : inBrowser(start))))
  return count
}

async function inNode(start: object): Promise<void> {
  const { Worker } = await import(/* @vite-ignore */ 'node:worker_threads')
  const worker = new Worker(new URL('./productWorker.ts', import.meta.url))
  worker.postMessage(start)
  await new Promise<void>((resolve, reject) => worker.once('message', () => resolve()).once('error', reject))
  // A program may end while its helpers wait.
  worker.unref()
}

function inBrowser(start: object): Promise<void> {
  const worker = new Worker(new URL('./productWorker.ts', import.meta.url), { type: 'module' })
  worker.postMessage(start)
  return new Promise((resolve, reject) => {
    worker.onmessage = () => resolve()
    worker.onerror = (event) => reject(new Error(event.message))
  })
}
