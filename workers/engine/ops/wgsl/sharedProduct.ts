import type { MatmulText } from './matmul.ts'
import { repeat } from './repeat.ts'
import { Sizes } from './sizes.ts'
import { fillSlab, slabType } from './slab.ts'
import type { StrategyText } from './strategyText.ts'
import type { MatmulTile } from './tile.ts'

type TextProduct = MatmulText['products'][number]

/**
 * A workgroup loads a slab of each operand into workgroup memory, transposed to
 * [depth][side], then every invocation multiplies its rows and columns of it.
 * Accumulators have names, not indices, so that compilers keep them in
 * registers. With `half` the slabs take half the memory and bandwidth; the
 * multiply-adds stay float32, since a 16-bit product would round once more and
 * is no faster than a fused float32 multiply-add unless it is summed in 16 bits too.
 */
export function sharedProduct({ products, prologue, partDepth }: MatmulText, tile: MatmulTile): StrategyText {
  const sizeM = tile.m * tile.threadsM
  const sizeN = tile.n * tile.threadsN
  const type = slabType(tile)
  return {
    directives: tile.half ? ['enable f16;'] : [],
    code: `var<workgroup> slabA: array<${type}, ${tile.depth * sizeM}>;
var<workgroup> slabB: array<${type}, ${tile.depth * sizeN}>;
@compute @workgroup_size(${tile.threadsN}, ${tile.threadsM})
fn main(@builtin(local_invocation_id) local: vec3u, @builtin(local_invocation_index) thread: u32, @builtin(workgroup_id) group: vec3u) {
  ${prologue}
  ${partDepth ? 'part = group.z;' : ''}
  let firstM = group.y * ${sizeM}u;
  let firstN = group.x * ${sizeN}u;
  let m0 = firstM + local.y * ${tile.m}u;
  let n0 = firstN + local.x * ${tile.n}u;
  ${eachQuad(tile, (c) => `var ${c} = vec4f();`)}
  ${products.map((product) => accumulate(product, tile, sizeM, sizeN, partDepth)).join('\n')}
  ${eachQuad(tile, (c, row, column) => `store(${row}, ${column}, ${c});`)}
}`,
  }
}

function eachQuad(tile: MatmulTile, piece: (accumulator: string, row: string, column: string) => string): string {
  return repeat(tile.m, (i) => repeat(tile.n / 4, (j) => piece(`c${i}_${j}`, `m0 + ${i}u`, `n0 + ${4 * j}u`)))
}

function accumulate({ left, right, depth, depthText, after }: TextProduct, tile: MatmulTile, sizeM: number, sizeN: number, partDepth: string | null): string {
  const threads = tile.threadsM * tile.threadsN
  const limit = depth % tile.depth ? depthText : null
  const [a, b] = tile.half ? ['f32', 'f32'] : ['', '']
  return `${slabLoop(depthText, tile, partDepth)} {
${fillSlab('slabA', left, 'firstM', sizeM, tile, limit, threads)}
${fillSlab('slabB', right, 'firstN', sizeN, tile, limit, threads)}
workgroupBarrier();
for (var k = 0u; k < ${tile.depth}u; k++) {
let baseA = k * ${sizeM}u + local.y * ${tile.m}u;
let baseB = k * ${sizeN}u + local.x * ${tile.n}u;
${repeat(tile.n / 4, (j) => `let b${j} = vec4f(${[0, 1, 2, 3].map((c) => `${b}(slabB[baseB + ${4 * j + c}u])`).join(', ')});`)}
${repeat(tile.m, (i) => `{ let a = ${a}(slabA[baseA + ${i}u]);
${repeat(tile.n / 4, (j) => `c${i}_${j} += a * b${j};`)} }`)}
}
workgroupBarrier();
}
${after ? eachQuad(tile, (c, row, column) => `{ let row = ${row}; let column = ${column}; var acc = ${c}; ${after} ${c} = acc; }`) : ''}`
}

/** WGSL: the loop over slabs, of the whole depth or of this workgroup's part. */
export function slabLoop(depthText: string, tile: MatmulTile, partDepth: string | null): string {
  const depth = Sizes.uniform(depthText)
  if (!partDepth) return `for (var k0 = 0u; k0 < ${depth}; k0 += ${tile.depth}u)`
  const part = Sizes.uniform(partDepth)
  return `let partEnd = min((group.z + 1u) * ${part}, ${depth});
for (var k0 = group.z * ${part}; k0 < partEnd; k0 += ${tile.depth}u)`
}
