import type { Gpu } from '../../workers/engine/backend/device.ts'
import type { Work } from './countWork.ts'
import { benchEngineOnGpu } from './engineOnGpu.ts'
import { benchKernels } from './kernels.ts'
import { benchMemory } from './memory.ts'
import { benchProfile } from './profile.ts'
import { benchStep } from './step.ts'

/** What runs on a GPU, in a page or in Node. */
export const benches = { step: benchStep, kernels: benchKernels, memory: benchMemory, profile: benchProfile, engine: benchEngineOnGpu } satisfies Record<string, (gpu: Gpu, work: Work, options: never) => Promise<unknown>>

export type BenchName = keyof typeof benches
export type BenchOptions<N extends BenchName> = Parameters<(typeof benches)[N]>[2]
export type BenchReport<N extends BenchName> = Awaited<ReturnType<(typeof benches)[N]>>
