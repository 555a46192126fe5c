import type { MatmulShape, MatmulTile } from '../../ops/wgsl/tile.ts'
import type { Gpu } from '../device.ts'
import { ProductRun } from './productRun.ts'
import type { Rewrite } from './productRun.ts'
import type { FoundTile } from './tunedTiles.ts'

/** Largest share by which a checked product may be off: 16-bit operands carry 2^-11 each. */
const tolerances = { half: 2e-3, exact: 1e-5 }

/**
 * The fastest tile for one kind of product on this device, measured on made-up
 * numbers. What a driver does not take is passed over; so is a tile whose product
 * comes out wrong, since matrix units are new and drivers differ.
 *
 * @param goesOn - asked before each tile.
 * @returns null when it was over before anything was measured.
 */
export async function tuneShape(gpu: Gpu, shape: MatmulShape, tiles: readonly MatmulTile[], goesOn: () => boolean): Promise<FoundTile | null> {
  const measured: FoundTile[] = []
  for (const tile of tiles) {
    if (!goesOn()) break
    try {
      measured.push({ tile, milliseconds: await timeTile(gpu, shape, tile) })
    } catch {
      // The device refused it: another will do.
    }
  }
  for (const found of measured.sort((a, b) => a.milliseconds - b.milliseconds)) {
    if (await isRight(gpu, shape, found.tile)) return found
  }
  return null
}

/** Milliseconds of one product of made-up numbers, the fastest of three measurements. */
export async function timeTile(gpu: Gpu, shape: MatmulShape, tile: MatmulTile): Promise<number> {
  const run = await ProductRun.open(gpu, shape, tile)
  try {
    await run.run()
    const once = await run.run()
    const times = Math.max(1, Math.min(16, Math.ceil(4 / once)))
    let best = once
    for (let turn = 0; turn < 2; turn++) best = Math.min(best, await run.run(times))
    return best
  } finally {
    run.close()
  }
}

/** Whether a tile multiplies odd-sized float32 matrices as the host does. */
export async function isRight(gpu: Pick<Gpu, 'device'>, { kind, half }: Pick<MatmulShape, 'kind' | 'half'>, tile: MatmulTile, rewrite?: Rewrite): Promise<boolean> {
  const [rows, columns, depth] = [70, 76, 104]
  const shape = { rows, columns, depth, kind: `${kind.split(' ')[0]} f32` }
  let run: ProductRun | undefined
  try {
    run = await ProductRun.open(gpu, shape, tile, rewrite)
    const value = (seed: number) => (i: number) => ((Math.imul(i + seed, 2654435761) >>> 8) / 2 ** 24 - 0.5)
    const left = Float32Array.from({ length: rows * depth }, (_, i) => value(1)(i))
    const right = Float32Array.from({ length: columns * depth }, (_, i) => value(77)(i))
    run.write('left', left)
    run.write('right', right)
    await run.run()
    const out = await run.read()
    const [alongLeft, alongRight] = kind.split(' ')[0].split('-')
    let [error, norm] = [0, 0]
    for (let m = 0; m < rows; m++) {
      for (let n = 0; n < columns; n++) {
        let sum = 0
        for (let k = 0; k < depth; k++) {
          sum += left[alongLeft === 'depth' ? m * depth + k : k * rows + m] * right[alongRight === 'depth' ? n * depth + k : k * columns + n]
        }
        error += (out[m * columns + n] - sum) ** 2
        norm += sum ** 2
      }
    }
    return Math.sqrt(error / norm) < (half ? tolerances.half : tolerances.exact)
  } catch {
    return false
  } finally {
    run?.close()
  }
}
