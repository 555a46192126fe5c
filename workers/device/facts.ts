import type { DeviceFacts } from '../protocol.ts'
import type { Gpu } from '../engine/backend/device.ts'

const features = {
  'shader-f16': '16-bit float arithmetic',
  subgroups: 'sums within groups of threads',
  'timestamp-query': 'times of single kernels',
  'chromium-experimental-subgroup-matrix': 'matrix units',
}

/** What the GPU offers, as WebGPU tells it. */
export function factsOf({ device, info, name, capabilities }: Gpu): DeviceFacts {
  const { limits } = device
  return {
    name, vendor: info.vendor, architecture: info.architecture, description: info.description, software: capabilities.software,
    features: Object.entries(features).map(([name, what]) => ({ name, what, present: device.features.has(name as GPUFeatureName) })),
    limits: [
      { name: 'largest buffer', value: limits.maxBufferSize, unit: 'bytes' },
      { name: 'largest binding', value: limits.maxStorageBufferBindingSize, unit: 'bytes' },
      { name: 'workgroup memory', value: limits.maxComputeWorkgroupStorageSize, unit: 'bytes' },
      { name: 'threads a workgroup', value: limits.maxComputeInvocationsPerWorkgroup, unit: 'count' },
      { name: 'storage buffers a stage', value: limits.maxStorageBuffersPerShaderStage, unit: 'count' },
    ],
  }
}
