import { DeviceLostError } from '../executor.ts'

/** Copies a stretch of a buffer to the host. @throws {DeviceLostError} */
export async function readBack(device: GPUDevice, buffer: GPUBuffer, offset: number, bytes: number): Promise<Float32Array> {
  const staging = device.createBuffer({ size: bytes, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST })
  try {
    const encoder = device.createCommandEncoder()
    encoder.copyBufferToBuffer(buffer, offset, staging, 0, bytes)
    device.queue.submit([encoder.finish()])
    await staging.mapAsync(GPUMapMode.READ)
    return new Float32Array(staging.getMappedRange().slice(0))
  } catch (error) {
    throw new DeviceLostError(`The GPU did not answer: ${error instanceof Error ? error.message : String(error)}`)
  } finally {
    staging.destroy()
  }
}
