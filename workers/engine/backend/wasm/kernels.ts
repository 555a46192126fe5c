/**
 * The compiled kernels of `assembly/` (`npm run kernels` makes them), and which of
 * the two builds this engine can run.
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

/** @throws {WebAssembly.CompileError} where there is no SIMD or no shared memory at all. */
export async function kernelModule(fused = relaxedSimd()): Promise<KernelModule> {
  return { module: await WebAssembly.compile(await bytesOf(fused)), fused }
}

/** The smallest module with a relaxed multiply-add. */
function relaxedSimd(): boolean {
  return WebAssembly.validate(Uint8Array.of(
    0, 97, 115, 109, 1, 0, 0, 0, 1, 8, 1, 96, 3, 123, 123, 123, 1, 123, 3, 2, 1, 0, 10, 13, 1, 11, 0, 32, 0, 32, 1, 32, 2, 253, 133, 2, 11,
  ))
}

async function bytesOf(fused: boolean): Promise<ArrayBuffer> {
  const url = fused ? new URL('./kernels.fused.wasm', import.meta.url) : new URL('./kernels.wasm', import.meta.url)
  if ('process' in globalThis && globalThis.process?.versions?.node) {
    const { readFile } = await import(/* @vite-ignore */ 'node:fs/promises')
    return Uint8Array.from(await readFile(url)).buffer
  }
  const answer = await fetch(url)
  if (!answer.ok) throw new Error(`The WebAssembly kernels could not be fetched from ${url.href}: status ${answer.status}. Reload the page.`)
  return answer.arrayBuffer()
}
