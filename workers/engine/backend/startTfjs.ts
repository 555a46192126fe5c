import { tf } from './tfjs.ts'
import { wasmBinaries } from './wasmBinaries.ts'

/**
 * Makes tfjs's WebAssembly or plain JavaScript backend the active one.
 *
 * @returns the device in words.
 * @throws {Error} where it cannot be started.
 */
export async function startTfjs(backend: 'wasm' | 'cpu'): Promise<string> {
  if (backend === 'cpu') await import('@tensorflow/tfjs-backend-cpu')
  else {
    const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm')
    // One thread: the threaded binary needs its worker script beside it, and gains little on small products.
    tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false)
    setWasmPaths(await wasmBinaries())
  }
  tf.env().set('PROD', true)
  if (!(await tf.setBackend(backend))) throw new Error(`tfjs could not start its ${backend} backend.`)
  await tf.ready()
  if (backend === 'cpu') return 'JavaScript'
  return (await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')) ? 'WebAssembly with SIMD' : 'WebAssembly without SIMD'
}
