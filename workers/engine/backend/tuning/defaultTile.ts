import type { MatmulShape, MatmulTile } from '../../ops/wgsl/tile.ts'
import type { GpuCapabilities } from '../device.ts'

/** A tile that is reasonable before anything was measured. */
export function defaultTile(shape: MatmulShape, capabilities: GpuCapabilities): MatmulTile {
  return capabilities.software ? softwareTile(shape) : gpuTile(shape, capabilities)
}

/**
 * Large register tiles, four invocations (the SIMD width) next to each other.
 * With many rows every weight is unpacked many times inside the loop; unpacking
 * once is faster by 10 to 35 % for the formats below at 128 rows, and within
 * 5 % for the others (`npm run bench -- kernels`); it is done where its scratch is small.
 */
function softwareTile({ rows, columns, depth, kind }: MatmulShape): MatmulTile {
  const unpack = rows >= 64 && 4 * columns * depth <= largestScratch && / (nf4|q4_1|q4_k|q6_k)$/.test(kind)
  const m = Math.min(8, upToFour(rows))
  const n = Math.min(8, upToFour(columns))
  const threadsM = Math.max(1, Math.min(8, Math.ceil(rows / m)))
  return { strategy: 'direct', m, n, threadsM, threadsN: Math.max(1, Math.min(32 / threadsM, Math.ceil(columns / n))) | 0 || 1, depth: 4, ...(unpack ? { unpack } : {}) }
}

/** 64 x 64 results per workgroup of 256, smaller where the product is narrow; 16-bit slabs where that is allowed. */
function gpuTile(shape: MatmulShape, { f16 }: GpuCapabilities): MatmulTile {
  const [threadsM, threadsN, depth] = shape.columns <= 16 ? [16, 4, 32] : shape.rows <= 16 ? [4, 16, 32] : [16, 16, 16]
  const tile: MatmulTile = { strategy: 'shared', m: 4, n: 4, threadsM, threadsN, depth, ...(shape.half && f16 ? { half: true } : {}) }
  const split = splitFor(shape, tile)
  return split > 1 ? { ...tile, split } : tile
}

/** Bytes of a weight unpacked to float32. */
const largestScratch = 2 ** 24

/** Workgroups that keep a middling GPU busy. */
const busy = 64
/** Depth that is worth a workgroup of its own. */
const leastDepth = 128

/** Into how many parts the depth is cut, so that a narrow product keeps the GPU busy. */
export function splitFor({ rows, columns, depth }: MatmulShape, { m, n, threadsM, threadsN }: MatmulTile): number {
  const groups = Math.ceil(rows / (m * threadsM)) * Math.ceil(columns / (n * threadsN))
  return Math.max(1, Math.min(Math.floor(busy / groups), Math.floor(depth / leastDepth), 32))
}

function upToFour(n: number): number {
  return Math.ceil(n / 4) * 4
}
