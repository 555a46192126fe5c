import '@tensorflow/tfjs'
import { beforeAll, describe } from 'vitest'
import { testGpu } from '../../../tests/helpers/gpu.ts'
import { tf } from '../backend/tfjs.ts'
import { WebGpuExecutor } from '../plan/execute/webgpu.ts'
import { testKernels } from './kernelSuite.ts'
import type { MatmulTile } from './wgsl/tile.ts'

const gpu = await testGpu()

beforeAll(async () => {
  await tf.setBackend('cpu')
})

/** Kernels choose other blocks on a CPU behind a driver than on a GPU; both must be right. */
const variants = ['software', 'gpu', 'gpu without subgroups'] as const

/** Through workgroup memory like a GPU's tile, but quick to compile for a software driver. */
const sharedTile: MatmulTile = { strategy: 'shared', m: 4, n: 4, threadsM: 4, threadsN: 2, depth: 8 }

describe.skipIf(!gpu).each(variants)('each kernel, as cut for %s, gives what its reference gives', { timeout: 240_000 }, (variant) => {
  testKernels(() => {
    const { capabilities } = gpu!
    if (variant === 'software') return new WebGpuExecutor({ gpu: { ...gpu!, capabilities: { ...capabilities, software: true } } })
    const subgroups = variant === 'gpu' ? capabilities.subgroups : null
    return new WebGpuExecutor({ gpu: { ...gpu!, capabilities: { ...capabilities, software: false, subgroups } }, tile: () => sharedTile })
  })
})
