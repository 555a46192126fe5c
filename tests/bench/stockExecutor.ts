import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu'
import type { Gpu } from '../../workers/engine/backend/device.ts'
import { tf } from '../../workers/engine/backend/tfjs.ts'
import { TfjsExecutor } from '../../workers/engine/plan/execute/tfjs.ts'

/** The same plans on stock tfjs operations, on the same GPU: what our kernels are compared with. */
export async function openStockExecutor(gpu: Gpu): Promise<TfjsExecutor> {
  const name = 'stock-webgpu'
  if (!tf.findBackend(name)) {
    tf.copyRegisteredKernels('webgpu', name)
    tf.registerBackend(name, () => new WebGPUBackend(gpu.device, gpu.info))
  }
  tf.env().set('PROD', true)
  await tf.setBackend(name)
  await tf.ready()
  return new TfjsExecutor({ backend: 'webgpu', device: `${gpu.name}, stock tfjs` })
}
