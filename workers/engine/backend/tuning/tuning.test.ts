import { describe, expect, it } from 'vitest'
import { testGpu } from '../../../../tests/helpers/gpu.ts'
import type { MatmulShape } from '../../ops/wgsl/matmul.ts'
import { candidateTiles } from './candidates.ts'
import { TunedTiles } from './tunedTiles.ts'
import { tuningKey } from './tuning.ts'
import type { TuningResults } from './tuning.ts'

const gpu = await testGpu()
const shape: MatmulShape = { rows: 16, columns: 24, depth: 32, kind: 'depth-depth q4_1' }

describe.skipIf(!gpu)('tuning', () => {
  it('measures, keeps per device, and reads back', { timeout: 120_000 }, async () => {
    const kept = new Map<string, TuningResults>()
    const store = { load: (key: string) => Promise.resolve(kept.get(key)), save: (key: string, results: TuningResults) => Promise.resolve(void kept.set(key, results)) }
    const first = new TunedTiles(gpu!, store)
    const measured: number[] = []
    await first.tune([shape, { ...shape, kind: 'depth-side f32' }], { budget: 60_000, onShape: (_shape, _tile, milliseconds) => measured.push(milliseconds) })
    expect(measured).toHaveLength(2)
    for (const milliseconds of measured) expect(milliseconds).toBeGreaterThan(0)
    const candidates = candidateTiles(shape, gpu!.capabilities, gpu!.device.limits)
    expect(candidates).toContainEqual(first.tile(shape))
    const second = new TunedTiles(gpu!, store)
    await second.load()
    expect(second.results).toEqual(first.results)
    expect([...kept.keys()]).toEqual([gpu!.key])
  })

  it('does not believe what does not parse', async () => {
    const bad = { load: () => Promise.resolve({ [tuningKey(shape)]: { strategy: 'direct', m: 3 } }), save: () => Promise.resolve() }
    const tiles = new TunedTiles(gpu!, bad)
    await tiles.load()
    expect(tiles.results).toEqual({})
  })

  it('ends early when told so', async () => {
    const tiles = new TunedTiles(gpu!)
    await tiles.tune([shape], { signal: AbortSignal.abort() })
    expect(tiles.results).toEqual({})
  })
})
