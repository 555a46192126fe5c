import type { Progress } from '../../../protocol.ts'
import type { MatmulShape, MatmulTile } from '../../ops/wgsl/tile.ts'
import { Pace } from '../../progress.ts'
import type { Gpu } from '../device.ts'
import { candidateTiles } from './candidates.ts'
import { defaultTile } from './defaultTile.ts'
import { tuneShape } from './tune.ts'
import { tileSchema, tuningKey } from './tuning.ts'
import type { TuningStore } from './tuning.ts'

export interface TuneOptions {
  /** Ends early with what was found so far. */
  signal?: AbortSignal
  /** Milliseconds to spend at most; shapes not reached keep the default and come first the next time. */
  budget?: number
  /** Measure also what was measured before. */
  again?: boolean
  /** Called before each tile that is tried: how many were, of all for all kinds, and the product that it is for. */
  onTry?: (progress: Progress, shape: MatmulShape) => void
  /** Called after each kind of product. */
  onProgress?: (progress: Progress, shape: MatmulShape, found: FoundTile) => void
}

export interface FoundTile {
  tile: MatmulTile
  milliseconds: number
}

/** The tiles of one device: what tuning found, the default elsewhere. Hand `tile` to the executor. */
export class TunedTiles {
  private readonly found = new Map<string, MatmulTile>()
  private readonly gpu: Gpu
  private readonly store: TuningStore | null

  constructor(gpu: Gpu, store: TuningStore | null = null) {
    this.gpu = gpu
    this.store = store
  }

  readonly tile = (shape: MatmulShape): MatmulTile => this.found.get(tuningKey(shape)) ?? defaultTile(shape, this.gpu.capabilities)

  /** Whether a measured tile is known for products of this kind. */
  knows(shape: MatmulShape): boolean {
    return this.found.has(tuningKey(shape))
  }

  /** Reads what was found on this device before; what does not parse is left out. */
  async load(shapes: readonly MatmulShape[]): Promise<void> {
    if (!this.store) return
    for (const key of new Set(shapes.map(tuningKey))) {
      if (this.found.has(key)) continue
      const parsed = tileSchema.safeParse(await this.store.get(this.keyOf(key)))
      if (parsed.success) this.found.set(key, parsed.data)
    }
  }

  /** Measures the kinds that have no result yet, the most work first, and keeps what it finds at once. */
  async tune(shapes: readonly MatmulShape[], { signal, budget = 5000, again = false, onTry, onProgress }: TuneOptions = {}): Promise<void> {
    const work = ({ rows, columns, depth }: MatmulShape) => rows * columns * depth
    const open = [...new Map(shapes.map((shape) => [tuningKey(shape), shape]))].filter(([key]) => again || !this.found.has(key))
    const kinds = open.sort(([, a], [, b]) => work(b) - work(a))
      .map(([key, shape]) => ({ key, shape, tiles: candidateTiles(shape, this.gpu.capabilities, this.gpu.device.limits) }))
    const pace = new Pace('steps', kinds.length)
    const triedPace = new Pace('kernels', kinds.reduce((sum, { tiles }) => sum + tiles.length, 0))
    const end = performance.now() + budget
    let tried = 0
    for (const [done, { key, shape, tiles }] of kinds.entries()) {
      const found = await tuneShape(this.gpu, shape, tiles, () => {
        const left = end - performance.now()
        if (signal?.aborted || left < 0) return false
        const progress = triedPace.at(tried++)
        // What is not reached in time is left for the next search.
        onTry?.({ ...progress, millisecondsLeft: Math.min(left, progress.millisecondsLeft ?? left) }, shape)
        return true
      })
      if (!found) return
      this.found.set(key, found.tile)
      await this.store?.set(this.keyOf(key), found.tile)
      onProgress?.(pace.at(done + 1), shape, found)
    }
  }

  private keyOf(key: string): string {
    return `${this.gpu.key} ${key}`
  }
}
