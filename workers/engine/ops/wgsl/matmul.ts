/**
 * Matrix products: C[m, n] = Σ over products Σk left[m, k]·right[n, k].
 *
 * Several products can add into one result, which is how the LoRA path rides
 * along: W·x and b·(a·x) accumulate in the same registers and are stored once.
 * Two ways to compute it, chosen by tuning: `direct` loads straight into
 * registers (no barriers, for CPUs behind a WebGPU driver), `shared` goes
 * through workgroup memory (for GPUs).
 */
import type { Binding, BufferRef, Dispatch } from '../kernel.ts'
import { directProduct } from './directProduct.ts'
import { floatType } from './operand.ts'
import type { Operand } from './operand.ts'
import { sharedProduct } from './sharedProduct.ts'
import type { Constant, Sizes, SizeText } from './sizes.ts'

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
  /** Name and buffer of C. */
  target: { name: string; buffer: BufferRef }
  /** WGSL expression of what is stored in place of `acc` (vec4f, from `row`, `column`). */
  value: string
  /** What else `value` and `after` read. */
  bindings?: Binding[]
  declarations?: string
  /** C is columns [offset, offset + columns) of a matrix with rows of `stride`; `column` in `value` counts in that matrix. */
  within?: { stride: number; offset: number }
  /** WGSL that every invocation runs first. */
  prologue?: string
  /** The sizes that operands and `value` read as data. */
  sizes: Sizes
}

/** A product as the strategies write it: sizes as WGSL. */
export interface MatmulText {
  rows: string
  columns: string
  products: (Product & { depthText: string })[]
  prologue: string
}

/** What is needed of a kernel's context. */
export interface MatmulContext {
  tile(shape: MatmulShape): MatmulTile
  constant: Constant
}

/** A product with the tile that the device's tuning chose for it. */
export function matmul(context: MatmulContext, spec: Matmul): Dispatch {
  const { sizes, products } = spec
  const tile = context.tile(shapeOf(spec))
  const operands = products.flatMap(({ left, right }) => [left, right])
  const text: MatmulText = {
    rows: sizes.of(spec.rows),
    columns: sizes.of(spec.columns),
    products: products.map((product) => ({ ...product, depthText: sizes.of(product.depth) })),
    prologue: '',
  }
  const stored = store(spec, text, sizes.of)
  text.prologue = `${sizes.prologue} ${spec.prologue ?? ''}`
  const { stride } = spec.within ?? { stride: spec.columns }
  const bindings: Binding[] = [
    ...operands.flatMap((operand) => operand.bindings),
    { ...spec.target, type: floatType(stride), write: true },
    ...(spec.bindings ?? []),
    sizes.binding(context.constant),
  ]
  return {
    name: spec.name,
    bindings: unique(bindings, ({ name }) => name),
    code: [
      sizes.declarations,
      ...unique(operands.map(({ declarations }) => declarations), (declarations) => declarations),
      spec.declarations ?? '',
      stored,
      tile.strategy === 'direct' ? directProduct(text, tile) : sharedProduct(text, tile),
    ].join('\n'),
    workgroups: [
      Math.ceil(spec.columns / (tile.n * tile.threadsN)),
      Math.ceil(spec.rows / (tile.m * tile.threadsM)),
      1,
    ],
    flops: 2 * spec.rows * spec.columns * products.reduce((sum, { depth }) => sum + depth, 0),
    bytes: 4 * (spec.rows * spec.columns + products.reduce((sum, { depth }) => sum + depth * (spec.rows + spec.columns), 0)),
  }
}

/** What a product is to tuning: its largest part decides. */
export function shapeOf({ rows, columns, products }: Pick<Matmul, 'rows' | 'columns' | 'products'>): MatmulShape {
  const { left, right, depth } = products.reduce((a, b) => (b.depth > a.depth ? b : a))
  return { rows, columns, depth, kind: `${left.along}-${right.along} ${right.bindings[0].buffer.format}` }
}

/** WGSL `fn store(row, n, acc)`: guards the edges. */
function store({ columns, value, target: { name }, within }: Matmul, text: MatmulText, size: SizeText): string {
  const stride = within?.stride ?? columns
  const wide = stride % 4 === 0
  const strideText = size(wide ? stride / 4 : stride)
  const scalar = (c: number) => wide
    ? `${name}[row * ${strideText} + column / 4u].${'xyzw'[c]} = result.${'xyzw'[c]};`
    : `${name}[row * ${strideText} + column + ${c}u] = result.${'xyzw'[c]};`
  const write = wide && columns % 4 === 0
    ? `${name}[row * ${strideText} + column / 4u] = result;`
    : [0, 1, 2, 3].map((c) => `if (n + ${c}u < ${text.columns}) { ${scalar(c)} }`).join('\n  ')
  return `fn store(row: u32, n: u32, acc: vec4f) {
  if (row >= ${text.rows} || n >= ${text.columns}) { return; }
  let column = n${within ? ` + ${size(within.offset)}` : ''};
  let result = ${value};
  ${write}
}`
}

/** Repeats a piece of WGSL: loops are written out, since shader compilers do not unroll them. */
export function repeat(count: number, piece: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => piece(i)).join('\n')
}

function unique<T>(items: T[], key: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [key(item), item])).values()]
}
