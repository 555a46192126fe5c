import type { MatmulShape, MatmulTile, MatrixUnit } from '../../ops/wgsl/tile.ts'
import type { GpuCapabilities } from '../device.ts'
import { defaultTile, splitFor } from './defaultTile.ts'

type TileLimits = Pick<GPUSupportedLimits, 'maxComputeInvocationsPerWorkgroup' | 'maxComputeWorkgroupStorageSize'>

/** Tiles worth trying on this kind of device, the default first. */
export function candidateTiles(shape: MatmulShape, capabilities: GpuCapabilities, limits: TileLimits): MatmulTile[] {
  const first = defaultTile(shape, capabilities)
  const plain = capabilities.software ? softwareTiles() : [...matrixTiles(shape, capabilities), ...gpuTiles(shape, capabilities)]
  const fitting = [first, ...plain.filter((tile) => fits(tile, shape, limits)).map((tile) => withSplit(tile, shape, capabilities))]
  const packed = !/ (f32|f16)$/.test(shape.kind)
  const all = packed ? [...fitting, ...fitting.map((tile) => ({ ...tile, unpack: true }))] : fitting
  return [...new Map(all.map((tile) => [JSON.stringify(tile), tile])).values()]
}

/** Workgroup memory in bytes. */
function memoryOf({ strategy, m, n, threadsM, threadsN, depth, half, unit }: MatmulTile): number {
  if (strategy === 'direct') return 0
  const results = unit ? 4 * threadsM * threadsN * unit.M * unit.N : 0
  return (half ? 2 : 4) * depth * (m * threadsM + n * threadsN) + results
}

function fits(tile: MatmulTile, { rows, columns }: MatmulShape, limits: TileLimits): boolean {
  const { m, n, threadsM, threadsN, unit } = tile
  const largest = unit ? 1 : 2
  return m <= Math.max(unit?.M ?? 4, largest * rows) && n <= Math.max(unit?.N ?? 4, largest * columns) &&
    threadsM * threadsN * (unit?.lanes ?? 1) <= limits.maxComputeInvocationsPerWorkgroup &&
    memoryOf(tile) <= limits.maxComputeWorkgroupStorageSize
}

function withSplit(tile: MatmulTile, shape: MatmulShape, { software }: GpuCapabilities): MatmulTile {
  const split = software || tile.strategy === 'direct' ? 1 : splitFor(shape, tile)
  return split > 1 ? { ...tile, split } : tile
}

function softwareTiles(): MatmulTile[] {
  return [[4, 4], [8, 4], [4, 8], [8, 8]].flatMap(([m, n]) =>
    [[1, 4], [8, 4]].map(([threadsM, threadsN]): MatmulTile => ({ strategy: 'direct', m, n, threadsM, threadsN, depth: 4 })))
}

function gpuTiles({ half }: MatmulShape, { f16 }: GpuCapabilities): MatmulTile[] {
  const shared = [[4, 4, 16, 16, 16], [8, 8, 8, 8, 16], [8, 4, 8, 16, 16], [8, 8, 16, 16, 8], [4, 4, 16, 16, 32], [4, 4, 8, 8, 32], [8, 8, 16, 8, 16]]
  const direct = [[4, 4, 8, 8], [8, 4, 8, 8], [4, 8, 8, 8]]
  const precisions = half && f16 ? [{ half: true }, {}] : [{}]
  return [
    ...precisions.flatMap((precision) => shared.map(([m, n, threadsM, threadsN, depth]): MatmulTile => ({ strategy: 'shared', m, n, threadsM, threadsN, depth, ...precision }))),
    ...direct.map(([m, n, threadsM, threadsN]): MatmulTile => ({ strategy: 'direct', m, n, threadsM, threadsN, depth: 4 })),
  ]
}

/** Tiles for each kind of matrix unit that sums in float32; units on 16-bit floats only where those are allowed. */
function matrixTiles({ half }: MatmulShape, capabilities: GpuCapabilities): MatmulTile[] {
  return matrixUnits(capabilities).filter(({ component }) => component === 'f32' || (half && capabilities.f16)).flatMap((unit) =>
    [[32, 32, 2, 2], [32, 64, 2, 2], [32, 32, 2, 4], [16, 32, 2, 2], [16, 16, 1, 4]]
      .filter(([m, n]) => m % unit.M === 0 && n % unit.N === 0)
      .flatMap(([m, n, threadsM, threadsN]) => [32, 16].filter((depth) => depth % unit.K === 0).map((depth): MatmulTile => ({
        strategy: 'matrix', m, n, threadsM, threadsN, depth, unit, ...(unit.component === 'f16' ? { half: true } : {}),
      }))))
}

function matrixUnits({ subgroupMatrix, subgroups }: GpuCapabilities): MatrixUnit[] {
  if (!subgroups) return []
  return subgroupMatrix.flatMap(({ componentType, resultComponentType, M, N, K }) =>
    resultComponentType === 'f32' && (componentType === 'f16' || componentType === 'f32') && N % 4 === 0
      ? [{ M, N, K, component: componentType, lanes: subgroups.largest }] : [])
}
