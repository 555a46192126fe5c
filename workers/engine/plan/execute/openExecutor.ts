import type { Backend } from '../../../protocol.ts'
import { startTfjs } from '../../backend/startTfjs.ts'
import { openWebgpuExecutor } from './openWebgpuExecutor.ts'
import type { WebGpuOptions } from './openWebgpuExecutor.ts'
import type { Executor } from './executor.ts'
import { TfjsExecutor } from './tfjs.ts'
import { WasmExecutor } from './wasm.ts'

/** No backend could be started. */
export class NoBackendError extends Error {
  override readonly name = 'NoBackendError'
  readonly advice = 'Use a current Chrome, Edge, Firefox or Safari and allow WebAssembly for this page.'
}

export interface OpenedExecutor {
  executor: Executor
  /** One sentence per better backend that could not be used. */
  fallbacks: string[]
}

/**
 * Starts the first of the wanted backends that works here; all heed the budget, the other options are WebGPU's.
 *
 * @throws {NoBackendError} when none does.
 */
export async function openExecutor(backends: readonly Backend[], options: WebGpuOptions = {}): Promise<OpenedExecutor> {
  const fallbacks: string[] = []
  for (const backend of backends) {
    try {
      return { executor: await open(backend, options, fallbacks), fallbacks }
    } catch (error) {
      fallbacks.push(`${names[backend]} cannot be used here: ${(error as Error).message}`)
    }
  }
  throw new NoBackendError(`None of the backends ${backends.join(', ')} could be started. ${fallbacks.join(' ')}`)
}

const names: Record<Backend, string> = { webgpu: 'WebGPU', wasm: 'WebAssembly', cpu: 'Plain JavaScript' }

async function open(backend: Backend, options: WebGpuOptions, fallbacks: string[]): Promise<Executor> {
  if (backend === 'webgpu') return openWebgpuExecutor(options)
  if (backend === 'wasm') {
    try {
      return await openWasmExecutor(options.budget)
    } catch (error) {
      fallbacks.push(`WebAssembly runs without our own kernels, several times slower: ${(error as Error).message}`)
    }
  }
  return new TfjsExecutor({ backend, device: await startTfjs(backend), budget: options.budget })
}

/** On several threads, or on one where they do not start. */
function openWasmExecutor(budget?: number): Promise<WasmExecutor> {
  return WasmExecutor.open({ budget }).catch(() => WasmExecutor.open({ budget, threads: 1 }))
}
