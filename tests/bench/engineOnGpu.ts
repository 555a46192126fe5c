import type { Gpu } from '../../workers/engine/backend/device.ts'
import { WebGpuExecutor } from '../../workers/engine/plan/execute/webgpu.ts'
import type { Work } from './countWork.ts'
import { benchSide } from './engineSide.ts'
import type { SideOptions, SideReport } from './engineSide.ts'
import { openStockExecutor } from './stockExecutor.ts'

export interface GpuCase extends SideOptions {
  /** Tokens of a row where shaders run on the CPU. */
  softwareLength: number
}

export interface GpuSides {
  model: SideOptions['model']
  ours: SideReport
  stock: SideReport
}

/** Each model's steps with our kernels, then with stock tfjs operations, on one GPU. */
export async function benchEngineOnGpu(gpu: Gpu, _work: Work, cases: readonly GpuCase[]): Promise<GpuSides[]> {
  const { software } = gpu.capabilities
  const peak = (): number => gpu.memory.peak
  const results: GpuSides[] = []
  for (const { softwareLength, ...options } of cases) {
    const shape = software ? { ...options, rows: 1, length: softwareLength, steps: 1 } : options
    gpu.memory.peak = gpu.memory.now
    const ours = await benchSide(new WebGpuExecutor({ gpu }), shape, peak)
    gpu.memory.peak = gpu.memory.now
    results.push({ model: options.model, ours, stock: await benchSide(await openStockExecutor(gpu), shape, peak) })
  }
  return results
}
