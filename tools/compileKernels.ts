import { join } from 'node:path'
import { main } from 'assemblyscript/asc'

const source = join(import.meta.dirname, '..', 'workers', 'engine', 'backend', 'wasm', 'assembly')

const fused = ['--enable', 'relaxed-simd']
const builds = [
  { name: 'kernels.wasm', options: [] },
  { name: 'kernels.fused.wasm', options: fused },
  { name: 'kernels.shared.wasm', options: ['--sharedMemory'] },
  { name: 'kernels.shared.fused.wasm', options: ['--sharedMemory', ...fused] },
] as const

/** All builds of `workers/engine/backend/wasm/assembly`, by file name. */
export async function compileKernels(): Promise<Map<string, Buffer>> {
  const made = new Map<string, Buffer>()
  for (const { name, options } of builds) {
    const files = new Map<string, Buffer>()
    const { error, stderr } = await main([
      'index.ts', '--baseDir', source, '--outFile', name, '-O3', '--noAssert', '--noExportMemory', '--runtime', 'stub', '--stackSize', '0',
      '--importMemory', '--initialMemory', '1', '--maximumMemory', '65536',
      '--enable', 'simd', '--enable', 'threads', '--use', 'abort=', ...options,
    ], { writeFile: (file, contents) => void files.set(file, Buffer.from(contents)) })
    const bytes = [...files.values()][0]
    if (error || !bytes) throw new Error(`The kernels do not compile: ${stderr.toString()}`)
    made.set(name, bytes)
  }
  return made
}
