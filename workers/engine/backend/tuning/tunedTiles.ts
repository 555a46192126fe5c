import type { MatmulShape, MatmulTile } from '../../ops/wgsl/matmul.ts'
import type { Gpu } from '../device.ts'
import { defaultTile } from './defaultTile.ts'
import { tune } from './tune.ts'
import type { TuneOptions } from './tune.ts'
import { tuningKey, tuningResultsSchema } from './tuning.ts'
import type { TuningResults, TuningStore } from './tuning.ts'

/** The tiles of one device: what tuning found, the default elsewhere. Hand `tile` to the executor. */
export class TunedTiles {
  results: TuningResults = {}
  private readonly gpu: Gpu
  private readonly store: TuningStore | null

  constructor(gpu: Gpu, store: TuningStore | null = null) {
    this.gpu = gpu
    this.store = store
  }

  /** Reads what was found on this device before; what does not parse is left out. */
  async load(): Promise<void> {
    const parsed = tuningResultsSchema.safeParse(await this.store?.load(this.gpu.key))
    if (parsed.success) this.results = parsed.data
  }

  readonly tile = (shape: MatmulShape): MatmulTile => this.results[tuningKey(shape)] ?? defaultTile(shape, this.gpu.capabilities)

  /** Measures the shapes that have no result yet (all with `again`) and keeps what it finds. */
  async tune(shapes: readonly MatmulShape[], { again = false, ...options }: TuneOptions & { again?: boolean } = {}): Promise<void> {
    const open = again ? shapes : shapes.filter((shape) => !(tuningKey(shape) in this.results))
    this.results = { ...this.results, ...await tune(this.gpu, open, options) }
    await this.store?.save(this.gpu.key, this.results)
  }
}
