/** What tuning knows about a product. */
export interface MatmulShape {
  rows: number
  columns: number
  depth: number
  /** Memory directions of left and right, and the right one's format: `depth-depth q4_1`. */
  kind: string
  /** Operands may be rounded to 16-bit floats: training allows it where the device has them, scoring never does. */
  half?: boolean
}

/** A kind of product for people: `q4_1 product of 16 × 24 × 32`. */
export function productInWords({ rows, columns, depth, kind }: MatmulShape): string {
  return `${kind.split(' ')[1]} product of ${rows} × ${columns} × ${depth}`
}

/** How a product is cut: each invocation computes a tile of `m` x `n`, a workgroup `threadsM` x `threadsN` of them. */
export interface MatmulTile {
  strategy: 'direct' | 'shared' | 'matrix'
  /** Multiple of 4. */
  m: number
  /** Multiple of 4. */
  n: number
  threadsM: number
  threadsN: number
  /** Depth per pass through workgroup memory, a multiple of 4; not for `direct`. */
  depth: number
  /** Workgroup memory holds 16-bit floats; sums stay 32-bit. Not for `direct`. */
  half?: boolean
  /** Workgroups share the depth, so many of them per tile: for small results of long sums. */
  split?: number
  /** A packed weight is unpacked to scratch first and read from there. */
  unpack?: boolean
  /** The units of `matrix`; there each subgroup computes an `m` x `n` tile, both multiples of the unit's. */
  unit?: MatrixUnit
}

/** One product of a matrix unit: [M, K] x [K, N] of `component` into float32. */
export interface MatrixUnit {
  M: number
  N: number
  K: number
  component: 'f16' | 'f32'
  /** Invocations per subgroup, at the most. */
  lanes: number
}
