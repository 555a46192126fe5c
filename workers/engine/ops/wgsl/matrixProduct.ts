import type { MatmulText } from './matmul.ts'
import { matrixText } from './matrixText.ts'
import { repeat } from './repeat.ts'
import { slabLoop } from './sharedProduct.ts'
import { fillSlab, slabType } from './slab.ts'
import type { StrategyText } from './strategyText.ts'
import type { MatmulTile } from './tile.ts'

/**
 * Slabs in workgroup memory as in `shared`, multiplied by matrix units: each
 * subgroup holds `m` x `n` results as fragments of the unit's size. Results leave
 * through workgroup memory, since only there single elements can be read.
 *
 * The workgroup has a subgroup of the largest size for each tile. Where the
 * device runs smaller ones, there are more subgroups than tiles and some repeat
 * others' work: slower, still right.
 */
export function matrixProduct({ products, prologue, partDepth }: MatmulText, tile: MatmulTile): StrategyText {
  const unit = matrixText(tile.unit!)
  const { M, N, K, lanes } = tile.unit!
  const subgroups = tile.threadsM * tile.threadsN
  const threads = subgroups * lanes
  const sizeM = tile.m * tile.threadsM
  const sizeN = tile.n * tile.threadsN
  const [fragmentsM, fragmentsN] = [tile.m / M, tile.n / N]
  const type = slabType(tile)
  const each = (piece: (i: number, j: number) => string) => repeat(fragmentsM, (i) => repeat(fragmentsN, (j) => piece(i, j)))
  const sums = products.map(({ left, right, depth, depthText }) => `${slabLoop(depthText, tile, partDepth)} {
${fillSlab('slabA', left, 'firstM', sizeM, tile, depth % tile.depth ? depthText : null, threads)}
${fillSlab('slabB', right, 'firstN', sizeN, tile, depth % tile.depth ? depthText : null, threads)}
workgroupBarrier();
for (var k = 0u; k < ${tile.depth}u; k += ${K}u) {
${repeat(fragmentsM, (i) => `let a${i} = ${unit.loadLeft('slabA', `k * ${sizeM}u + tileM + ${i * M}u`, sizeM)};`)}
${repeat(fragmentsN, (j) => `{ let b = ${unit.loadRight('slabB', `k * ${sizeN}u + tileN + ${j * N}u`, sizeN)};
${repeat(fragmentsM, (i) => `c${i}_${j} = ${unit.multiplyAdd(`a${i}`, 'b', `c${i}_${j}`)};`)} }`)}
}
workgroupBarrier();
}`)
  return {
    directives: [...(tile.half ? ['enable f16;'] : []), ...unit.directives],
    code: `var<workgroup> slabA: array<${type}, ${tile.depth * sizeM}>;
var<workgroup> slabB: array<${type}, ${tile.depth * sizeN}>;
var<workgroup> results: array<f32, ${subgroups * M * N}>;
@compute @workgroup_size(${threads})
fn main(@builtin(local_invocation_index) thread: u32, @builtin(workgroup_id) group: vec3u, @builtin(subgroup_id) subgroup: u32) {
  ${prologue}
  ${partDepth ? 'part = group.z;' : ''}
  let firstM = group.y * ${sizeM}u;
  let firstN = group.x * ${sizeN}u;
  let tile = subgroup % ${subgroups}u;
  let tileM = (tile / ${tile.threadsN}u) * ${tile.m}u;
  let tileN = (tile % ${tile.threadsN}u) * ${tile.n}u;
  ${each((i, j) => `var c${i}_${j} = ${unit.zero};`)}
  ${sums.map((sum) => `{ ${sum} }`).join('\n')}
  ${each((i, j) => `${unit.store('results', `tile * ${M * N}u`, `c${i}_${j}`, N)}
workgroupBarrier();
for (var item = thread; item < ${(subgroups * M * N) / 4}u; item += ${threads}u) {
let owner = item / ${(M * N) / 4}u; let row = (item / ${N / 4}u) % ${M}u; let column = (item % ${N / 4}u) * 4u;
let at = item * 4u;
store(firstM + (owner / ${tile.threadsN}u) * ${tile.m}u + ${i * M}u + row, firstN + (owner % ${tile.threadsN}u) * ${tile.n}u + ${j * N}u + column,
vec4f(results[at], results[at + 1u], results[at + 2u], results[at + 3u]));
}
workgroupBarrier();`)}
}`,
  }
}
