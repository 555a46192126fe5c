import type { Progress } from '../../../protocol.ts'
import { openGpu } from '../../backend/device.ts'
import { TunedTiles } from '../../backend/tuning/tunedTiles.ts'
import type { TuningStore } from '../../backend/tuning/tuning.ts'
import { productInWords, type MatmulShape } from '../../ops/wgsl/tile.ts'
import type { Executor } from './executor.ts'
import { WebGpuExecutor } from './webgpu.ts'

/** How a WebGPU executor is opened. */
export interface WebGpuOptions {
  /** Bytes that may be taken. */
  budget?: number
  /**
   * Where the tiles that were searched on this GPU are kept. With it, the first
   * plans of a kind wait a few seconds for the search; without it, defaults are used.
   */
  tuning?: TuningStore
  /** Milliseconds that all searches together may take while this executor lives. Default 5000. */
  tuningBudget?: number
  /** Told before each kernel that is tried, with the product that it is for. */
  onTuning?: (progress: Progress, product: string) => void
  /** Training may round the operands of products to 16-bit floats where the GPU has them; scores never. */
  half?: boolean
}

/** Opens the GPU. @throws {GpuUnavailableError} */
export async function openWebgpuExecutor({ tuning, tuningBudget = 5000, onTuning, half, budget }: WebGpuOptions = {}): Promise<Executor> {
  const gpu = await openGpu(globalThis.navigator?.gpu)
  // A driver that runs on the CPU compiles too slowly for a search; its defaults were measured.
  if (!tuning || gpu.capabilities.software) return new WebGpuExecutor({ gpu, half, budget })
  const tiles = new TunedTiles(gpu, tuning)
  let left = tuningBudget
  const prepare = async (shapes: readonly MatmulShape[]): Promise<void> => {
    await tiles.load(shapes)
    const start = performance.now()
    if (left > 0) await tiles.tune(shapes, { budget: left, onTry: (progress, shape) => onTuning?.(progress, productInWords(shape)) })
    left -= performance.now() - start
  }
  return new WebGpuExecutor({ gpu, half, tile: tiles.tile, prepare, budget })
}
