/**
 * Matrix products: C[m, n] = Σ over products Σk left[m, k]·right[n, k].
 *
 * Several products can add into one result, which is how the LoRA path rides
 * along: W·x and b·(a·x) accumulate in the same registers and are stored once.
 * How it is computed is the tile's to say, which tuning chose: `direct` loads
 * straight into registers (no barriers, for CPUs behind a WebGPU driver),
 * `shared` goes through workgroup memory (for GPUs), `matrix` gives the slabs
 * there to matrix units.
 */
import type { Binding, BufferRef, Dispatch } from '../kernel.ts'
import { directProduct } from './directProduct.ts'
import { matrixProduct } from './matrixProduct.ts'
import { floatType } from './operand.ts'
import type { Operand } from './operand.ts'
import { sharedProduct } from './sharedProduct.ts'
import type { Constant, Sizes, SizeText } from './sizes.ts'
import { splitProduct } from './splitProduct.ts'
import type { MatmulShape, MatmulTile } from './tile.ts'

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
  /** Each workgroup sums a part of the depth only, into a matrix of its own: C is [parts, rows, columns]. */
  parts?: number
}

/** A product as the strategies write it: sizes as WGSL. */
export interface MatmulText {
  rows: string
  columns: string
  products: (Product & { depthText: string })[]
  prologue: string
  /** WGSL size: the depth that a part sums, a multiple of the tile's; null where all of it is summed at once. */
  partDepth: string | null
}

/** What is needed of a kernel's context. */
export interface MatmulContext {
  tile(shape: MatmulShape): MatmulTile
  constant: Constant
  scratch(name: string, elements: number): BufferRef
}

/** A product with the tile that the device's tuning chose for it. */
export function matmul(context: MatmulContext, spec: Matmul): Dispatch[] {
  const tile = possible(context.tile(shapeOf(spec)), spec)
  const before: Dispatch[] = []
  let { products } = spec
  if (tile.unpack) {
    products = products.map((product) => {
      if (!product.right.unpack) return product
      const { dispatch, operand } = product.right.unpack(context, tile.half ?? false)
      before.push(dispatch)
      return { ...product, right: operand }
    })
  }
  const ready = { ...spec, products }
  return [...before, ...((tile.split ?? 1) > 1 ? splitProduct(context, ready, tile) : [product(context, ready, tile)])]
}

/** What a product is to tuning: its largest part decides. */
export function shapeOf({ rows, columns, products }: Pick<Matmul, 'rows' | 'columns' | 'products'>): MatmulShape {
  const { left, right, depth } = products.reduce((a, b) => (b.depth > a.depth ? b : a))
  return { rows, columns, depth, kind: `${left.along}-${right.along} ${right.bindings[0].buffer.format}` }
}

/** The tile without what this product cannot have: between products that change each other's sums, accumulators must be readable. */
function possible(tile: MatmulTile, { products }: Matmul): MatmulTile {
  const whole = products.length > 1 || tile.strategy === 'direct' ? { ...tile, split: 1 } : tile
  if (tile.strategy !== 'matrix' || !products.some(({ after }) => after)) return whole
  return { strategy: 'shared', m: 4, n: 4, threadsM: 16, threadsN: 16, depth: 16, half: tile.half, unpack: tile.unpack }
}

const strategies = { direct: directProduct, shared: sharedProduct, matrix: matrixProduct }

/** The dispatch that multiplies. */
export function product(context: Pick<MatmulContext, 'constant'>, spec: Matmul, tile: MatmulTile): Dispatch {
  const { sizes, products, parts = 1 } = spec
  const operands = products.flatMap(({ left, right }) => [left, right])
  const text: MatmulText = {
    rows: sizes.of(spec.rows),
    columns: sizes.of(spec.columns),
    products: products.map((product) => ({ ...product, depthText: sizes.of(product.depth) })),
    prologue: '',
    partDepth: parts > 1 ? sizes.of(Math.ceil(products[0].depth / parts / tile.depth) * tile.depth) : null,
  }
  const stored = storeResult(spec, text, sizes.of, inverseScale(products, tile))
  text.prologue = `${sizes.prologue} ${spec.prologue ?? ''}`
  const { stride } = spec.within ?? { stride: spec.columns }
  const bindings: Binding[] = [
    ...operands.flatMap((operand) => operand.bindings),
    { ...spec.target, type: floatType(stride), write: true },
    ...(spec.bindings ?? []),
    sizes.binding(context.constant),
  ]
  const { code, directives } = strategies[tile.strategy](text, tile)
  return {
    name: spec.name,
    bindings: unique(bindings, ({ name }) => name),
    directives,
    code: [
      sizes.declarations,
      ...unique(operands.map(({ declarations }) => declarations), (declarations) => declarations),
      spec.declarations ?? '',
      stored,
      code,
    ].join('\n'),
    workgroups: [
      Math.ceil(spec.columns / (tile.n * tile.threadsN)),
      Math.ceil(spec.rows / (tile.m * tile.threadsM)),
      parts,
    ],
    flops: 2 * spec.rows * spec.columns * products.reduce((sum, { depth }) => sum + depth, 0),
    bytes: 4 * spec.rows * spec.columns * parts +
      products.reduce((sum, { left, right, depth }) => sum + depth * (left.bytes * spec.rows + right.bytes * spec.columns), 0),
  }
}

/** What undoes the factors by which half-precision operands were brought into range; 1 for float32. */
function inverseScale(products: readonly Product[], { half }: MatmulTile): number {
  const [scale, ...others] = products.map(({ left, right }) => left.halfScale * right.halfScale)
  if (others.some((other) => other !== scale)) throw new Error('Products that add up must be scaled alike.')
  return half ? 1 / scale : 1
}

/** WGSL `fn store(row, n, acc)`: guards the edges. */
export function storeResult(
  { columns, value, target: { name }, within, parts = 1 }: Matmul, text: Pick<MatmulText, 'rows' | 'columns'>, size: SizeText, factor = 1,
): string {
  const stride = within?.stride ?? columns
  const wide = stride % 4 === 0
  const strideText = size(wide ? stride / 4 : stride)
  const at = `${parts > 1 ? `(row + part * ${text.rows})` : 'row'} * ${strideText}`
  const scalar = (c: number) => wide
    ? `${name}[${at} + column / 4u].${'xyzw'[c]} = result.${'xyzw'[c]};`
    : `${name}[${at} + column + ${c}u] = result.${'xyzw'[c]};`
  const write = wide && columns % 4 === 0
    ? `${name}[${at} + column / 4u] = result;`
    : [0, 1, 2, 3].map((c) => `if (n + ${c}u < ${text.columns}) { ${scalar(c)} }`).join('\n  ')
  return `${parts > 1 ? 'var<private> part: u32;\n' : ''}fn store(row: u32, n: u32, sum: vec4f) {
  if (row >= ${text.rows} || n >= ${text.columns}) { return; }
  let column = n${within ? ` + ${size(within.offset)}` : ''};
  let acc = sum${factor === 1 ? '' : ` * ${factor}f`};
  let result = ${value};
  ${write}
}`
}

function unique<T>(items: T[], key: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [key(item), item])).values()]
}
