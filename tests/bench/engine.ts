import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { Backend } from '../../workers/protocol.ts'
import type { GpuCase } from './engineOnGpu.ts'
import type { SideReport } from './engineSide.ts'
import type { ShapeName } from './shapes.ts'
import type { Bench } from './where.ts'

/** One model on one backend. */
export interface EngineLine {
  model: ShapeName
  backend: Backend
  ours: SideReport
  /** The same steps with stock tfjs operations; null where ours are those (cpu). */
  stock: SideReport | null
}

/** Few enough tokens that all of it takes minutes without a GPU. */
const cases: readonly GpuCase[] = [
  { model: 'stories260K', rows: 4, length: 64, steps: 5, softwareLength: 64 },
  { model: 'stories15M', rows: 2, length: 80, steps: 3, softwareLength: 16 },
  { model: 'smollm2-135m', rows: 2, length: 80, steps: 2, softwareLength: 2 },
]

/**
 * LoRA steps of three models, ours and stock tfjs operations: on WebAssembly
 * and (the smallest) plain JavaScript in Node, on WebGPU wherever `openGpu` says.
 *
 * @param only this model, where one is named.
 */
export async function benchEngine(only: ShapeName | undefined, openGpu: () => Promise<Bench>, tell: (line: EngineLine) => void): Promise<EngineLine[]> {
  const lines: EngineLine[] = []
  const add = (line: EngineLine): void => {
    lines.push(line)
    tell(line)
  }
  const chosen = cases.filter(({ model }) => !only || model === only)
  for (const options of chosen) {
    add({ model: options.model, backend: 'wasm', ours: inProcess('wasm', options, false), stock: inProcess('wasm', options, true) })
    if (options.model === 'stories260K') add({ model: options.model, backend: 'cpu', ours: inProcess('cpu', { ...options, steps: 1 }, false), stock: null })
  }
  const gpu = await openGpu()
  for (const options of chosen) {
    const [{ ours, stock }] = await gpu.run('engine', [options])
    add({ model: options.model, backend: 'webgpu', ours, stock })
  }
  await gpu.close()
  return lines
}

function inProcess(backend: 'wasm' | 'cpu', options: GpuCase, stock: boolean): SideReport {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'engineProcess.ts'), JSON.stringify({ ...options, backend, stock })], {
    encoding: 'utf8', maxBuffer: 2 ** 24,
  })
  if (status !== 0) throw new Error(`${options.model} on ${backend}${stock ? ', stock tfjs' : ''} failed: ${stderr}`)
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as SideReport
}
