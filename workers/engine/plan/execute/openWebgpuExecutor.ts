import { openGpu } from '../../backend/device.ts'
import type { Executor } from './executor.ts'
import { WebGpuExecutor } from './webgpu.ts'

/** Opens the GPU. @throws {GpuUnavailableError} */
export async function openWebgpuExecutor(): Promise<Executor> {
  return new WebGpuExecutor({ gpu: await openGpu(globalThis.navigator?.gpu) })
}
