import { VulkanDriverMissingError, openDawn } from '../../workers/engine/backend/dawn.ts'
import type { VulkanDriver } from '../../workers/engine/backend/dawn.ts'
import { openGpu } from '../../workers/engine/backend/device.ts'
import type { Gpu } from '../../workers/engine/backend/device.ts'

/**
 * A GPU device in Node for a test, on a software driver unless LANISTA_VULKAN
 * names another.
 *
 * @returns null, said aloud, where the driver is not installed: skip the test then.
 */
export async function testGpu(driver?: VulkanDriver): Promise<Gpu | null> {
  try {
    return await openGpu(await openDawn(driver ?? (process.env.LANISTA_VULKAN as VulkanDriver | undefined) ?? 'swiftshader'))
  } catch (error) {
    if (!(error instanceof VulkanDriverMissingError)) throw error
    console.warn(`WebGPU tests skipped: ${error.message} ${error.advice}`)
    return null
  }
}

/**
 * A device on Dawn's null backend, which computes nothing but checks shaders as
 * any other: for features that no software driver has.
 */
export async function checkingDevice(features: string[]): Promise<GPUDevice> {
  const { create, globals } = await import('webgpu')
  Object.assign(globalThis, globals)
  const adapter = await create(['backend=null', 'enable-dawn-features=allow_unsafe_apis']).requestAdapter()
  return adapter!.requestDevice({ requiredFeatures: features as GPUFeatureName[] })
}
