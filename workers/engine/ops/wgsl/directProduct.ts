import type { Matmul, MatmulTile, Product } from './matmul.ts'
import { repeat } from './matmul.ts'

/**
 * Each invocation keeps its tile in registers and loads operands straight from
 * memory. On a CPU behind a WebGPU driver a load costs as much as a dozen
 * multiply-adds and a barrier as much as three hundred, so large register
 * tiles without workgroup memory win there by an order of magnitude.
 */
export function directProduct(spec: Matmul, tile: MatmulTile): string {
  const quads = tile.n / 4
  return `@compute @workgroup_size(${tile.threadsN}, ${tile.threadsM})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let m0 = id.y * ${tile.m}u;
  let n0 = id.x * ${tile.n}u;
  if (m0 >= ${spec.rows}u || n0 >= ${spec.columns}u) { return; }
  ${spec.prologue ?? ''}
  ${repeat(tile.m, (i) => repeat(quads, (j) => `var c${i}_${j} = vec4f();`))}
  ${spec.products.map((product) => accumulate(product, tile)).join('\n')}
  ${repeat(tile.m, (i) => repeat(quads, (j) => `store(m0 + ${i}u, n0 + ${4 * j}u, c${i}_${j});`))}
}`
}

function accumulate(product: Product, tile: MatmulTile): string {
  const { left, right, depth } = product
  const loop = left.along === 'side' ? alongSides(product, tile)
    : right.along === 'side' ? mixed(product, tile)
    : alongDepth(product, tile)
  const step = left.along === 'side' ? 1 : 4
  return `for (var k = 0u; k < ${depth}u; k += ${step}u) {
${loop}
}
${product.after ? afterEach(product.after, tile) : ''}`
}

/** Both contiguous in depth: four products per dot. */
function alongDepth({ left, right }: Product, tile: MatmulTile): string {
  return `${repeat(tile.m, (i) => `let a${i} = ${left.load(`(m0 + ${i}u)`, 'k')};`)}
${repeat(tile.n, (j) => `{ let b = ${right.load(`(n0 + ${j}u)`, 'k')};
${repeat(tile.m, (i) => `c${i}_${j >> 2}.${'xyzw'[j & 3]} += dot(a${i}, b);`)} }`)}`
}

/** Left contiguous in depth, right across it. */
function mixed({ left, right, depth }: Product, tile: MatmulTile): string {
  // At the last, partial step the left values are 0; the right row only has to exist.
  const row = (kk: number) => depth % 4 && kk ? `min(k + ${kk}u, ${depth - 1}u)` : `(k + ${kk}u)`
  return `${repeat(tile.m, (i) => `let a${i} = ${left.load(`(m0 + ${i}u)`, 'k')};`)}
${repeat(4, (kk) => repeat(tile.n / 4, (j) => `{ let b = ${right.load(`(n0 + ${4 * j}u)`, row(kk))};
${repeat(tile.m, (i) => `c${i}_${j} += a${i}.${'xyzw'[kk]} * b;`)} }`))}`
}

/** Both across the depth: an outer product per step. */
function alongSides({ left, right }: Product, tile: MatmulTile): string {
  return `${repeat(tile.m / 4, (i) => `let a${i} = ${left.load(`(m0 + ${4 * i}u)`, 'k')};`)}
${repeat(tile.n / 4, (j) => `{ let b = ${right.load(`(n0 + ${4 * j}u)`, 'k')};
${repeat(tile.m, (i) => `c${i}_${j} += a${i >> 2}.${'xyzw'[i & 3]} * b;`)} }`)}`
}

/** Applies a product's `after` to every quad of the tile. */
export function afterEach(after: string, tile: MatmulTile): string {
  return repeat(tile.m, (i) => repeat(tile.n / 4, (j) =>
    `{ let row = m0 + ${i}u; let column = n0 + ${4 * j}u; var acc = c${i}_${j}; ${after} c${i}_${j} = acc; }`))
}
