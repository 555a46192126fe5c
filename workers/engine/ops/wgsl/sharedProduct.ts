import type { Operand } from './operand.ts'
import type { MatmulText, MatmulTile } from './matmul.ts'
import { repeat } from './matmul.ts'
import { Sizes } from './sizes.ts'

type TextProduct = MatmulText['products'][number]

/**
 * A workgroup loads a slab of each operand into workgroup memory, transposed to
 * [depth][side], then every invocation multiplies its rows and columns of it.
 * Accumulators have names, not indices, so that compilers keep them in registers.
 */
export function sharedProduct({ products, prologue }: MatmulText, tile: MatmulTile): string {
  const sizeM = tile.m * tile.threadsM
  const sizeN = tile.n * tile.threadsN
  return `var<workgroup> slabA: array<f32, ${tile.depth * sizeM}>;
var<workgroup> slabB: array<f32, ${tile.depth * sizeN}>;
@compute @workgroup_size(${tile.threadsN}, ${tile.threadsM})
fn main(@builtin(local_invocation_id) local: vec3u, @builtin(local_invocation_index) thread: u32, @builtin(workgroup_id) group: vec3u) {
  ${prologue}
  let firstM = group.y * ${sizeM}u;
  let firstN = group.x * ${sizeN}u;
  let m0 = firstM + local.y * ${tile.m}u;
  let n0 = firstN + local.x * ${tile.n}u;
  ${eachQuad(tile, (c) => `var ${c} = vec4f();`)}
  ${products.map((product) => accumulate(product, tile, sizeM, sizeN)).join('\n')}
  ${eachQuad(tile, (c, row, column) => `store(${row}, ${column}, ${c});`)}
}`
}

function eachQuad(tile: MatmulTile, piece: (accumulator: string, row: string, column: string) => string): string {
  return repeat(tile.m, (i) => repeat(tile.n / 4, (j) => piece(`c${i}_${j}`, `m0 + ${i}u`, `n0 + ${4 * j}u`)))
}

function accumulate({ left, right, depth, depthText, after }: TextProduct, tile: MatmulTile, sizeM: number, sizeN: number): string {
  const threads = tile.threadsM * tile.threadsN
  const limit = depth % tile.depth ? depthText : null
  return `for (var k0 = 0u; k0 < ${Sizes.uniform(depthText)}; k0 += ${tile.depth}u) {
${fill('slabA', left, 'firstM', sizeM, tile.depth, limit, threads)}
${fill('slabB', right, 'firstN', sizeN, tile.depth, limit, threads)}
workgroupBarrier();
for (var k = 0u; k < ${tile.depth}u; k++) {
let baseA = k * ${sizeM}u + local.y * ${tile.m}u;
let baseB = k * ${sizeN}u + local.x * ${tile.n}u;
${repeat(tile.n / 4, (j) => `let b${j} = vec4f(${[0, 1, 2, 3].map((c) => `slabB[baseB + ${4 * j + c}u]`).join(', ')});`)}
${repeat(tile.m, (i) => `{ let a = slabA[baseA + ${i}u];
${repeat(tile.n / 4, (j) => `c${i}_${j} += a * b${j};`)} }`)}
}
workgroupBarrier();
}
${after ? eachQuad(tile, (c, row, column) => `{ let row = ${row}; let column = ${column}; var acc = ${c}; ${after} ${c} = acc; }`) : ''}`
}

/** Loads `size` rows times `step` depths, four values per invocation and turn; zeros from `limit` on. */
function fill(slab: string, operand: Operand, first: string, size: number, step: number, limit: string | null, threads: number): string {
  const items = (size * step) / 4
  const load = operand.load(`(${first} + side)`, '(k0 + at)')
  const value = limit ? `select(vec4f(), ${load}, k0 + at < ${limit})` : load
  const body = operand.along === 'depth'
    ? `let side = item / ${step / 4}u; let at = (item % ${step / 4}u) * 4u; let v = ${value};
${[0, 1, 2, 3].map((c) => `${slab}[(at + ${c}u) * ${size}u + side] = v.${'xyzw'[c]};`).join(' ')}`
    : `let at = item / ${size / 4}u; let side = (item % ${size / 4}u) * 4u; let v = ${value};
${[0, 1, 2, 3].map((c) => `${slab}[at * ${size}u + side + ${c}u] = v.${'xyzw'[c]};`).join(' ')}`
  return items % threads === 0 && items / threads <= 8
    ? repeat(items / threads, (turn) => `{ let item = thread + ${turn * threads}u; ${body} }`)
    : `for (var item = thread; item < ${items}u; item += ${threads}u) { ${body} }`
}
