import type { MatmulShape, MatmulTile } from '../../ops/wgsl/matmul.ts'
import type { GpuCapabilities } from '../device.ts'
import { defaultTile } from './defaultTile.ts'

type TileLimits = Pick<GPUSupportedLimits, 'maxComputeInvocationsPerWorkgroup' | 'maxComputeWorkgroupStorageSize'>

/** Tiles worth trying on this kind of device, the default first. */
export function candidateTiles(shape: MatmulShape, capabilities: GpuCapabilities, limits: TileLimits): MatmulTile[] {
  const first = defaultTile(shape, capabilities)
  const others = capabilities.software ? softwareTiles() : gpuTiles()
  const fits = ({ strategy, m, n, threadsM, threadsN, depth }: MatmulTile) =>
    m <= Math.max(4, 2 * shape.rows) && n <= Math.max(4, 2 * shape.columns) &&
    threadsM * threadsN <= limits.maxComputeInvocationsPerWorkgroup &&
    (strategy === 'direct' || 4 * depth * (m * threadsM + n * threadsN) <= limits.maxComputeWorkgroupStorageSize)
  return [first, ...others.filter((tile) => fits(tile) && JSON.stringify(tile) !== JSON.stringify(first))]
}

function softwareTiles(): MatmulTile[] {
  return [[4, 4], [8, 4], [4, 8], [8, 8]].flatMap(([m, n]) =>
    [[1, 4], [8, 4]].map(([threadsM, threadsN]): MatmulTile => ({ strategy: 'direct', m, n, threadsM, threadsN, depth: 4 })))
}

function gpuTiles(): MatmulTile[] {
  const shared = [[4, 4, 16, 16, 16], [4, 4, 16, 16, 32], [8, 4, 8, 16, 16], [8, 8, 8, 8, 16], [8, 8, 16, 16, 8], [4, 8, 16, 8, 16], [4, 4, 8, 8, 32], [8, 8, 16, 8, 16]]
  const direct = [[4, 4, 8, 8], [8, 4, 8, 8], [4, 8, 8, 8]]
  return [
    ...shared.map(([m, n, threadsM, threadsN, depth]): MatmulTile => ({ strategy: 'shared', m, n, threadsM, threadsN, depth })),
    ...direct.map(([m, n, threadsM, threadsN]): MatmulTile => ({ strategy: 'direct', m, n, threadsM, threadsN, depth: 4 })),
  ]
}
