import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu'
import { openGpu } from '../../backend/device.ts'
import { tf } from '../../backend/tfjs.ts'
import type { Executor } from './executor.ts'
import { TfjsExecutor } from './tfjs.ts'

/** Opens the GPU. @throws {GpuUnavailableError} */
export async function openWebgpuExecutor(): Promise<Executor> {
  const gpu = await openGpu(globalThis.navigator?.gpu)
  const name = 'webgpu-own'
  if (tf.findBackend(name)) tf.removeBackend(name)
  else tf.copyRegisteredKernels('webgpu', name)
  tf.registerBackend(name, () => new WebGPUBackend(gpu.device, gpu.info))
  await tf.setBackend(name)
  await tf.ready()
  return new TfjsExecutor({ backend: 'webgpu', device: gpu.name })
}
