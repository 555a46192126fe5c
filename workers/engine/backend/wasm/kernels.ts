/**
 * The compiled kernels of `assembly/` (`npm run kernels` makes them): with and
 * without fused multiply-adds, for a memory that threads share or for one thread.
 */
export interface KernelFunctions {
  /** See `assembly/index.ts`. */
  work(commands: number, length: number, scratch: number): void
}

export interface KernelModule {
  module: WebAssembly.Module
  /** Whether multiply-adds are fused (relaxed SIMD); otherwise multiplied, rounded, added. */
  fused: boolean
}

/** @throws {WebAssembly.CompileError} where there is no SIMD. */
export async function kernelModule(shared: boolean, fused = relaxedSimd()): Promise<KernelModule> {
  return { module: await WebAssembly.compile(await bytesOf(shared, fused)), fused }
}

/** The smallest module with a relaxed multiply-add. */
function relaxedSimd(): boolean {
  return WebAssembly.validate(Uint8Array.of(
    0, 97, 115, 109, 1, 0, 0, 0, 1, 8, 1, 96, 3, 123, 123, 123, 1, 123, 3, 2, 1, 0, 10, 13, 1, 11, 0, 32, 0, 32, 1, 32, 2, 253, 133, 2, 11,
  ))
}

async function bytesOf(shared: boolean, fused: boolean): Promise<ArrayBuffer> {
  const alone = fused ? new URL('./kernels.fused.wasm', import.meta.url) : new URL('./kernels.wasm', import.meta.url)
  const together = fused ? new URL('./kernels.shared.fused.wasm', import.meta.url) : new URL('./kernels.shared.wasm', import.meta.url)
  const url = shared ? together : alone
  if ('process' in globalThis && globalThis.process?.versions?.node) {
    const { readFile } = await import(/* @vite-ignore */ 'node:fs/promises')
    return Uint8Array.from(await readFile(url)).buffer
  }
  const answer = await fetch(url)
  if (!answer.ok) throw new Error(`The WebAssembly kernels could not be fetched from ${url.href}: status ${answer.status}. Reload the page.`)
  return answer.arrayBuffer()
}
