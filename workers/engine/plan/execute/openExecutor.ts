import type { Backend } from '../../../protocol.ts'
import { startTfjs } from '../../backend/startTfjs.ts'
import { Products } from '../../backend/wasm/products.ts'
import { useProducts } from '../../ops/linear/frozenProducts.ts'
import { openWebgpuExecutor } from './openWebgpuExecutor.ts'
import type { WebGpuOptions } from './openWebgpuExecutor.ts'
import type { Executor } from './executor.ts'
import { TfjsExecutor } from './tfjs.ts'

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
 * Starts the first of the wanted backends that works here.
 *
 * @throws {NoBackendError} when none does.
 */
export async function openExecutor(backends: readonly Backend[], options: WebGpuOptions = {}): Promise<OpenedExecutor> {
  const fallbacks: string[] = []
  for (const backend of backends) {
    try {
      return { executor: await open(backend, options), fallbacks }
    } catch (error) {
      fallbacks.push(`${names[backend]} cannot be used here: ${(error as Error).message}`)
    }
  }
  throw new NoBackendError(`None of the backends ${backends.join(', ')} could be started. ${fallbacks.join(' ')}`)
}

const names: Record<Backend, string> = { webgpu: 'WebGPU', wasm: 'WebAssembly', cpu: 'Plain JavaScript' }

async function open(backend: Backend, options: WebGpuOptions): Promise<Executor> {
  if (backend === 'webgpu') return openWebgpuExecutor(options)
  const device = await startTfjs(backend)
  if (backend === 'cpu') return new TfjsExecutor({ backend, device })
  const products = await ownProducts()
  useProducts(products)
  return new TfjsExecutor({ backend, device: products && products.threads > 1 ? `${device}, ${products.threads} threads` : device })
}

let products: Promise<Products | null> | undefined

/** Our own products, once per worker; null where WebAssembly has no SIMD, and tfjs does them. */
function ownProducts(): Promise<Products | null> {
  const threads = Math.min(8, globalThis.navigator?.hardwareConcurrency ?? 1)
  products ??= Products.open(threads).catch(() => Products.open(1)).catch(() => null)
  return products
}
