/**
 * Where tfjs's WebAssembly binaries are: beside the bundle in a browser (Vite
 * copies what is imported with `?url`), in node_modules under Node.
 */
export async function wasmBinaries(): Promise<Record<'tfjs-backend-wasm.wasm' | 'tfjs-backend-wasm-simd.wasm', string>> {
  if (typeof process !== 'undefined' && process.versions?.node) {
    const { createRequire } = await import('node:module')
    const { dirname, join } = await import('node:path')
    const folder = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))
    return {
      'tfjs-backend-wasm.wasm': join(folder, 'tfjs-backend-wasm.wasm'),
      'tfjs-backend-wasm-simd.wasm': join(folder, 'tfjs-backend-wasm-simd.wasm'),
    }
  }
  const [plain, simd] = await Promise.all([
    import('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url'),
    import('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url'),
  ])
  return { 'tfjs-backend-wasm.wasm': plain.default, 'tfjs-backend-wasm-simd.wasm': simd.default }
}
