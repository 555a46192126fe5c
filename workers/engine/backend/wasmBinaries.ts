/**
 * Where tfjs's WebAssembly binaries are: beside the bundle in a browser (Vite
 * copies what is imported with `?url`), in node_modules under Node. tfjs wants
 * a place for the threaded binary too; it is never loaded (see startTfjs.ts).
 */
export async function wasmBinaries(): Promise<Record<string, string>> {
  const [plain, simd] = await locate()
  return {
    'tfjs-backend-wasm.wasm': plain,
    'tfjs-backend-wasm-simd.wasm': simd,
    'tfjs-backend-wasm-threaded-simd.wasm': simd,
  }
}

async function locate(): Promise<[plain: string, simd: string]> {
  if (typeof process !== 'undefined' && process.versions?.node) {
    const { createRequire } = await import('node:module')
    const { dirname, join } = await import('node:path')
    const folder = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))
    return [join(folder, 'tfjs-backend-wasm.wasm'), join(folder, 'tfjs-backend-wasm-simd.wasm')]
  }
  const [plain, simd] = await Promise.all([
    import('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url'),
    import('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url'),
  ])
  return [plain.default, simd.default]
}
