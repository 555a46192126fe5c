import type { MatmulText } from './matmul.ts'
import { repeat } from './repeat.ts'
import type { StrategyText } from './strategyText.ts'
import type { MatmulTile } from './tile.ts'

type TextProduct = MatmulText['products'][number]

/**
 * Each invocation keeps its tile in registers and loads operands straight from
 * memory. On a CPU behind a WebGPU driver a load costs as much as a dozen
 * multiply-adds and a barrier as much as three hundred, so large register
 * tiles without workgroup memory win there by an order of magnitude. Only the
 * depth step is written out: such drivers compile slowly.
 */
export function directProduct({ rows, columns, products, prologue }: MatmulText, tile: MatmulTile): StrategyText {
  return { directives: [], code: `@compute @workgroup_size(${tile.threadsN}, ${tile.threadsM})
fn main(@builtin(global_invocation_id) id: vec3u) {
  ${prologue}
  let m0 = id.y * ${tile.m}u;
  let n0 = id.x * ${tile.n}u;
  if (m0 >= ${rows} || n0 >= ${columns}) { return; }
  var c: array<vec4f, ${(tile.m * tile.n) / 4}>;
  ${products.map((product) => accumulate(product, tile)).join('\n')}
  ${eachQuad(tile, 'store(row, column, c[i]);')}
}` }
}

/** WGSL: a statement for each of the tile's quads, with `i`, `row`, `column`. */
function eachQuad({ m, n }: MatmulTile, statement: string): string {
  return `for (var i = 0u; i < ${(m * n) / 4}u; i++) {
    let row = m0 + i / ${n / 4}u;
    let column = n0 + (i % ${n / 4}u) * 4u;
    ${statement}
  }`
}

function accumulate(product: TextProduct, tile: MatmulTile): string {
  const { left, right, depthText, after } = product
  const loop = left.along === 'side' ? alongSides(product, tile)
    : right.along === 'side' ? mixed(product, tile)
    : alongDepth(product, tile)
  return `for (var k = 0u; k < ${depthText}; k += ${left.along === 'side' ? 1 : 4}u) {
${loop}
}
${after ? eachQuad(tile, `var acc = c[i]; ${after} c[i] = acc;`) : ''}`
}

const at = (i: number, j: number, tile: MatmulTile) => `c[${(i * tile.n) / 4 + j}]`

/** Both contiguous in depth: four products per dot. */
function alongDepth({ left, right }: TextProduct, tile: MatmulTile): string {
  return `${repeat(tile.m, (i) => `let a${i} = ${left.load(`(m0 + ${i}u)`, 'k')};`)}
${repeat(tile.n, (j) => `{ let b = ${right.load(`(n0 + ${j}u)`, 'k')};
${repeat(tile.m, (i) => `${at(i, j >> 2, tile)}.${'xyzw'[j & 3]} += dot(a${i}, b);`)} }`)}`
}

/** Left contiguous in depth, right across it. */
function mixed({ left, right, depth, depthText }: TextProduct, tile: MatmulTile): string {
  // At the last, partial step the left values are 0; the right row only has to exist.
  const row = (kk: number) => (depth % 4 && kk ? `min(k + ${kk}u, ${depthText} - 1u)` : `(k + ${kk}u)`)
  return `${repeat(tile.m, (i) => `let a${i} = ${left.load(`(m0 + ${i}u)`, 'k')};`)}
${repeat(4, (kk) => repeat(tile.n / 4, (j) => `{ let b = ${right.load(`(n0 + ${4 * j}u)`, row(kk))};
${repeat(tile.m, (i) => `${at(i, j, tile)} += a${i}.${'xyzw'[kk]} * b;`)} }`))}`
}

/** Both across the depth: an outer product per step. */
function alongSides({ left, right }: TextProduct, tile: MatmulTile): string {
  return `${repeat(tile.m / 4, (i) => `let a${i} = ${left.load(`(m0 + ${4 * i}u)`, 'k')};`)}
${repeat(tile.n / 4, (j) => `{ let b = ${right.load(`(n0 + ${4 * j}u)`, 'k')};
${repeat(tile.m, (i) => `${at(i, j, tile)} += a${i >> 2}.${'xyzw'[i & 3]} * b;`)} }`)}`
}
