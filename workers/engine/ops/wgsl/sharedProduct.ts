import type { Operand } from './operand.ts'
import type { Matmul, MatmulTile, Product } from './matmul.ts'
import { repeat } from './matmul.ts'
import { afterEach } from './directProduct.ts'

/**
 * A workgroup loads a slab of each operand into workgroup memory, transposed to
 * [depth][side], then every invocation multiplies its rows and columns of it.
 */
export function sharedProduct(spec: Matmul, tile: MatmulTile): string {
  const quads = tile.n / 4
  const sizeM = tile.m * tile.threadsM
  const sizeN = tile.n * tile.threadsN
  return `var<workgroup> slabA: array<f32, ${tile.depth * sizeM}>;
var<workgroup> slabB: array<f32, ${tile.depth * sizeN}>;
@compute @workgroup_size(${tile.threadsN}, ${tile.threadsM})
fn main(@builtin(local_invocation_id) local: vec3u, @builtin(local_invocation_index) thread: u32, @builtin(workgroup_id) group: vec3u) {
  let firstM = group.y * ${sizeM}u;
  let firstN = group.x * ${sizeN}u;
  let m0 = firstM + local.y * ${tile.m}u;
  let n0 = firstN + local.x * ${tile.n}u;
  ${spec.prologue ?? ''}
  ${repeat(tile.m, (i) => repeat(quads, (j) => `var c${i}_${j} = vec4f();`))}
  ${spec.products.map((product) => accumulate(product, tile, sizeM, sizeN)).join('\n')}
  ${repeat(tile.m, (i) => repeat(quads, (j) => `store(m0 + ${i}u, n0 + ${4 * j}u, c${i}_${j});`))}
}`
}

function accumulate(product: Product, tile: MatmulTile, sizeM: number, sizeN: number): string {
  const { left, right, depth } = product
  const threads = tile.threadsM * tile.threadsN
  return `for (var k0 = 0u; k0 < ${depth}u; k0 += ${tile.depth}u) {
${fill('slabA', left, 'firstM', sizeM, tile.depth, depth, threads)}
${fill('slabB', right, 'firstN', sizeN, tile.depth, depth, threads)}
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
${product.after ? afterEach(product.after, tile) : ''}`
}

/** Loads `size` rows times `step` depths, four values per invocation and turn. */
function fill(slab: string, operand: Operand, first: string, size: number, step: number, depth: number, threads: number): string {
  const items = (size * step) / 4
  const guard = depth % step !== 0
  const body = operand.along === 'depth'
    ? `let side = item / ${step / 4}u; let at = (item % ${step / 4}u) * 4u;
let v = ${guarded(operand.load(`(${first} + side)`, '(k0 + at)'), 'k0 + at', guard, depth)};
${[0, 1, 2, 3].map((c) => `${slab}[(at + ${c}u) * ${size}u + side] = v.${'xyzw'[c]};`).join(' ')}`
    : `let at = item / ${size / 4}u; let side = (item % ${size / 4}u) * 4u;
let v = ${guarded(operand.load(`(${first} + side)`, '(k0 + at)'), 'k0 + at', guard, depth)};
${[0, 1, 2, 3].map((c) => `${slab}[at * ${size}u + side + ${c}u] = v.${'xyzw'[c]};`).join(' ')}`
  return items % threads === 0 && items / threads <= 8
    ? repeat(items / threads, (turn) => `{ let item = thread + ${turn * threads}u; ${body} }`)
    : `for (var item = thread; item < ${items}u; item += ${threads}u) { ${body} }`
}

function guarded(load: string, depth: string, guard: boolean, limit: number): string {
  return guard ? `select(vec4f(), ${load}, ${depth} < ${limit}u)` : load
}
