import { describe, expect, it } from 'vitest'
import { testGpu } from '../../../../tests/helpers/gpu.ts'
import { productInWords, type MatmulShape } from '../../ops/wgsl/tile.ts'
import { candidateTiles } from './candidates.ts'
import { defaultTile } from './defaultTile.ts'
import { isRight } from './tune.ts'
import { TunedTiles } from './tunedTiles.ts'
import { tileSchema, tuningKey } from './tuning.ts'

const gpu = await testGpu()
const shape: MatmulShape = { rows: 16, columns: 24, depth: 32, kind: 'depth-depth q4_1' }

function memoryStore(kept = new Map<string, unknown>()) {
  return { kept, get: (key: string) => Promise.resolve(kept.get(key)), set: (key: string, value: unknown) => Promise.resolve(void kept.set(key, value)) }
}

describe.skipIf(!gpu)('tuning', () => {
  it('measures, keeps per device and kind of product, and reads back', { timeout: 120_000 }, async () => {
    const store = memoryStore()
    const first = new TunedTiles(gpu!, store)
    const other = { ...shape, kind: 'depth-side f32' }
    const measured: [done: number, milliseconds: number][] = []
    const tried: [product: string, done: number][] = []
    const onTry = ({ done }: { done: number }, product: MatmulShape) => tried.push([productInWords(product), done])
    await first.tune([shape, other], { budget: 60_000, onTry, onProgress: ({ done, total }, _shape, { milliseconds }) => measured.push([done / total, milliseconds]) })
    expect(measured.map(([done]) => done)).toEqual([0.5, 1])
    const counts = [other, shape].map((each) => candidateTiles(each, gpu!.capabilities, gpu!.device.limits).length)
    expect(tried.map(([, done]) => done)).toEqual(Array.from({ length: counts[0] + counts[1] }, (_, i) => i))
    expect(new Set(tried.map(([product]) => product))).toEqual(new Set(['q4_1 product of 16 × 24 × 32', 'f32 product of 16 × 24 × 32']))
    for (const [, milliseconds] of measured) expect(milliseconds).toBeGreaterThan(0)
    expect(candidateTiles(shape, gpu!.capabilities, gpu!.device.limits)).toContainEqual(first.tile(shape))
    const second = new TunedTiles(gpu!, store)
    await second.load([shape, other])
    for (const each of [shape, other]) expect(second.tile(each)).toEqual(first.tile(each))
    expect([...store.kept.keys()].sort()).toEqual([shape, other].map((each) => `${gpu!.key} ${tuningKey(each)}`).sort())
  })

  it('does not believe what does not parse', async () => {
    const bad = memoryStore(new Map([[`${gpu!.key} ${tuningKey(shape)}`, { strategy: 'direct', m: 3 }]]))
    const tiles = new TunedTiles(gpu!, bad)
    await tiles.load([shape])
    expect(tiles.knows(shape)).toBe(false)
    expect(tiles.tile(shape)).toEqual(defaultTile(shape, gpu!.capabilities))
  })

  it('ends early when told so', async () => {
    const tiles = new TunedTiles(gpu!)
    await tiles.tune([shape], { signal: AbortSignal.abort() })
    expect(tiles.knows(shape)).toBe(false)
  })

  it('finds a wrong tile out', async () => {
    const kind = 'depth-depth f32'
    expect(await isRight(gpu!, { ...shape, kind }, { strategy: 'shared', m: 4, n: 4, threadsM: 4, threadsN: 4, depth: 8 })).toBe(true)
    // A depth that does not divide into fours makes no shader at all.
    expect(await isRight(gpu!, { ...shape, kind }, { strategy: 'shared', m: 4, n: 4, threadsM: 4, threadsN: 4, depth: 6 })).toBe(false)
  })
})

describe('candidates', () => {
  const limits = { maxComputeInvocationsPerWorkgroup: 1024, maxComputeWorkgroupStorageSize: 32768 }
  const capabilities = {
    f16: true, subgroups: { smallest: 32, largest: 32 }, timestamps: true, software: false,
    subgroupMatrix: [
      { componentType: 'f16', resultComponentType: 'f32', M: 16, N: 16, K: 16 }, { componentType: 'f16', resultComponentType: 'f16', M: 16, N: 16, K: 16 },
    ],
  }
  const large: MatmulShape = { rows: 1024, columns: 896, depth: 4864, kind: 'depth-depth nf4' }

  it('offer 16-bit floats and matrix units on them only to products that may be rounded', () => {
    const of = (half: boolean) => candidateTiles({ ...large, half }, capabilities, limits)
    expect(of(true).some(({ strategy }) => strategy === 'matrix')).toBe(true)
    expect(of(false).filter(({ strategy, half }) => strategy === 'matrix' || half)).toEqual([])
  })

  it('are what a store may keep', () => {
    for (const tile of candidateTiles({ ...large, half: true }, capabilities, limits)) expect(tileSchema.parse(JSON.parse(JSON.stringify(tile)))).toEqual(tile)
  })

  it('split the depth of narrow products', () => {
    const narrow: MatmulShape = { rows: 1024, columns: 16, depth: 896, kind: 'depth-depth f32' }
    expect(candidateTiles(narrow, capabilities, limits)[0].split).toBe(4)
    expect(candidateTiles(large, capabilities, limits)[0].split).toBeUndefined()
  })
})
