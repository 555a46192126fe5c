import type { MatmulShape, MatmulTile } from '../../ops/wgsl/matmul.ts'
import type { GpuCapabilities } from '../device.ts'

/** A tile that is reasonable before anything was measured. */
export function defaultTile(shape: MatmulShape, { software }: GpuCapabilities): MatmulTile {
  return software ? softwareTile(shape) : gpuTile(shape)
}

/** Large register tiles, four invocations (the SIMD width) next to each other. */
function softwareTile({ rows, columns }: MatmulShape): MatmulTile {
  const m = Math.min(8, upToFour(rows))
  const n = Math.min(8, upToFour(columns))
  const threadsM = Math.max(1, Math.min(8, Math.ceil(rows / m)))
  return { strategy: 'direct', m, n, threadsM, threadsN: Math.max(1, Math.min(32 / threadsM, Math.ceil(columns / n))) | 0 || 1, depth: 4 }
}

/** 64 x 64 results per workgroup of 256, smaller where the product is narrow. */
function gpuTile({ rows, columns }: MatmulShape): MatmulTile {
  if (columns <= 16) return { strategy: 'shared', m: 4, n: 4, threadsM: 16, threadsN: 4, depth: 32 }
  if (rows <= 16) return { strategy: 'shared', m: 4, n: 4, threadsM: 4, threadsN: 16, depth: 32 }
  return { strategy: 'shared', m: 4, n: 4, threadsM: 16, threadsN: 16, depth: 16 }
}

function upToFour(n: number): number {
  return Math.ceil(n / 4) * 4
}
