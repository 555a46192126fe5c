/**
 * Matrix products: C[m, n] = Σ over products Σk left[m, k]·right[n, k].
 *
 * Several products can add into one result, which is how the LoRA path rides
 * along: W·x and b·(a·x) accumulate in the same registers and are stored once.
 * Two ways to compute it, chosen by tuning: `direct` loads straight into
 * registers (no barriers, for CPUs behind a WebGPU driver), `shared` goes
 * through workgroup memory (for GPUs).
 */
import type { Binding, Dispatch } from '../kernel.ts'
import { directProduct } from './directProduct.ts'
import type { Operand } from './operand.ts'
import { sharedProduct } from './sharedProduct.ts'

/** What tuning knows about a product. */
export interface MatmulShape {
  rows: number
  columns: number
  depth: number
  /** Memory directions of left and right, and the right one's format: `depth-depth q4_1`. */
  kind: string
}

/** How a product is cut: each invocation computes a tile of `m` x `n`, a workgroup `threadsM` x `threadsN` of them. */
export interface MatmulTile {
  strategy: 'direct' | 'shared'
  /** Multiple of 4. */
  m: number
  /** Multiple of 4. */
  n: number
  threadsM: number
  threadsN: number
  /** Depth per pass through workgroup memory, a multiple of 4; `shared` only. */
  depth: number
}

export interface Product {
  left: Operand
  right: Operand
  depth: number
  /**
   * WGSL statements on `acc` (vec4f, elements (row, column)…(row, column + 3))
   * after this product and before the next.
   */
  after?: string
}

export interface Matmul {
  name: string
  rows: number
  columns: number
  /** All with the same memory directions. */
  products: Product[]
  /** Where C goes, float32 `[rows, columns]`, and what else `value` reads. */
  bindings: Binding[]
  declarations: string
  /** WGSL expression of what is stored in place of `acc` (vec4f, from `row`, `column`). */
  value: string
  /** Name of the binding stored to, of type `floatType(stride)`. */
  target: string
  /** C is columns [offset, offset + columns) of a matrix with rows of `stride`; `column` in `value` counts in that matrix. */
  within?: { stride: number; offset: number }
  /** WGSL that every invocation runs first. */
  prologue?: string
}

export function matmul(spec: Matmul, tile: MatmulTile): Dispatch {
  const operands = spec.products.flatMap(({ left, right }) => [left, right])
  const unique = <T>(items: T[], key: (item: T) => string) => [...new Map(items.map((item) => [key(item), item])).values()]
  const body = tile.strategy === 'direct' ? directProduct(spec, tile) : sharedProduct(spec, tile)
  const code = [
    ...unique(operands, (operand) => operand.declarations).map((operand) => operand.declarations),
    spec.declarations,
    store(spec),
    body,
  ].join('\n')
  const flops = 2 * spec.rows * spec.columns * spec.products.reduce((sum, { depth }) => sum + depth, 0)
  return {
    name: spec.name,
    bindings: unique([...operands.flatMap(({ bindings }) => bindings), ...spec.bindings], ({ name }) => name),
    code,
    workgroups: [
      Math.ceil(spec.columns / (tile.n * tile.threadsN)),
      Math.ceil(spec.rows / (tile.m * tile.threadsM)),
      1,
    ],
    flops,
    bytes: 4 * (spec.rows * spec.columns + spec.products.reduce((sum, p) => sum + p.depth * (spec.rows + spec.columns), 0)),
  }
}

/** A product with the tile that the device's tuning chose for it. */
export function tiled(context: { tile(shape: MatmulShape): MatmulTile }, spec: Matmul): Dispatch {
  return matmul(spec, context.tile(shapeOf(spec)))
}

/** What a product is to tuning: its largest part decides. */
export function shapeOf({ rows, columns, products }: Matmul): MatmulShape {
  const { left, right, depth } = products.reduce((a, b) => b.depth > a.depth ? b : a)
  return { rows, columns, depth, kind: `${left.along}-${right.along} ${right.bindings[0].buffer.format}` }
}

/** WGSL `fn store(row, n, acc)`: guards the edges. */
function store({ rows, columns, value, target, within }: Matmul): string {
  const { stride, offset } = within ?? { stride: columns, offset: 0 }
  const write = stride % 4 === 0 && columns % 4 === 0
    ? `${target}[(row * ${stride}u + column) / 4u] = result;`
    : [0, 1, 2, 3].map((c) => `if (n + ${c}u < ${columns}u) { ${storeScalar(target, stride, c)} }`).join('\n  ')
  return `fn store(row: u32, n: u32, acc: vec4f) {
  if (row >= ${rows}u || n >= ${columns}u) { return; }
  let column = n + ${offset}u;
  let result = ${value};
  ${write}
}`
}

/** A stride that divides into fours is bound as vec4f, also where the columns end in between. */
function storeScalar(target: string, stride: number, c: number): string {
  return stride % 4 === 0
    ? `${target}[(row * ${stride}u + column) / 4u].${'xyzw'[c]} = result.${'xyzw'[c]};`
    : `${target}[row * ${stride}u + column + ${c}u] = result.${'xyzw'[c]};`
}

/** Repeats a piece of WGSL: loops are written out, since shader compilers do not unroll them. */
export function repeat(count: number, piece: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => piece(i)).join('\n')
}
