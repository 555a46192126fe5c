import { expect, it } from 'vitest'
import { checkingDevice, testGpu } from '../../../../tests/helpers/gpu.ts'
import { productOf } from '../../backend/tuning/productRun.ts'
import { isRight } from '../../backend/tuning/tune.ts'
import { shaderText } from '../../plan/execute/webgpu/pipelines.ts'
import type { Dispatch } from '../kernel.ts'
import type { MatmulTile, MatrixUnit } from './tile.ts'

const gpu = await testGpu()

/** Units of several proportions, so that no two sizes can be mistaken for each other. */
const units: MatrixUnit[] = [
  { M: 16, N: 16, K: 16, component: 'f16', lanes: 32 },
  { M: 8, N: 8, K: 8, component: 'f32', lanes: 4 },
  { M: 8, N: 16, K: 4, component: 'f32', lanes: 4 },
]

const matrixTile = (unit: MatrixUnit): MatmulTile =>
  ({ strategy: 'matrix', m: 16, n: 16, threadsM: 1, threadsN: 2, depth: 16, unit, ...(unit.component === 'f16' ? { half: true } : {}) })

it('products by matrix units are WGSL that Dawn accepts, for units of any proportions', { timeout: 60_000 }, async () => {
  const device = await checkingDevice(['chromium-experimental-subgroup-matrix', 'shader-f16', 'subgroups'])
  const check = async (code: string): Promise<string | undefined> => {
    device.pushErrorScope('validation')
    device.createShaderModule({ code })
    return (await device.popErrorScope())?.message
  }
  for (const unit of units) {
    for (const tile of [matrixTile(unit), { ...matrixTile(unit), split: 2 }]) {
      for (const dispatch of productOf({ rows: 70, columns: 76, depth: 104, kind: 'depth-side f32' }, tile).dispatches) {
        expect(await check(shaderText(dispatch))).toBeUndefined()
        // And the check does check: a fragment of the wrong proportions is refused.
        const wrong = dispatch.code.replace(/subgroup_matrix_right<(\w+), \d+/, 'subgroup_matrix_right<$1, 32')
        if (wrong !== dispatch.code) expect(await check(shaderText({ ...dispatch, code: wrong }))).toBeDefined()
      }
    }
  }
})

// No software driver has matrix units: the unit itself is written in plain WGSL, all around it stays.
it.skipIf(!gpu).each(units.slice(1))('they address their slabs rightly: $M x $N x $K', { timeout: 120_000 }, async (unit) => {
  for (const kind of ['depth-depth', 'depth-side', 'side-side']) {
    expect(await isRight(gpu!, { kind }, matrixTile(unit), (dispatch) => inPlainWgsl(dispatch, unit))).toBe(true)
  }
  expect(await isRight(gpu!, { kind: 'depth-side' }, { ...matrixTile(unit), split: 3 }, (dispatch) => inPlainWgsl(dispatch, unit))).toBe(true)
})

/** The same kernel with each invocation doing the whole unit's work; no software driver has matrix units. */
function inPlainWgsl(dispatch: Dispatch, { M, N, K }: MatrixUnit): Dispatch {
  if (!dispatch.code.includes('subgroupMatrix')) return dispatch
  const load = (name: string, count: number, at: string) => ['slabA', 'slabB'].map((slab) => `fn ${name}_${slab}(offset: u32, stride: u32) -> array<f32, ${count}> {
  var m: array<f32, ${count}>;
  for (var i = 0u; i < ${count}u; i++) { m[i] = f32(${slab}[offset + ${at}]); }
  return m;
}`).join('\n')
  const code = dispatch.code
    .replace(/subgroup_matrix_result<[^>]*>/g, `array<f32, ${M * N}>`)
    .replace(/subgroupMatrixLoad<subgroup_matrix_(left|right)<[^>]*>, \w+>\(&(\w+), /g, 'load_$1_$2(')
    .replaceAll('subgroupMatrixMultiplyAccumulate(', 'multiply_add(')
    .replaceAll('subgroupMatrixStore<row_major>(&results, ', 'store_sums(')
  return {
    ...dispatch,
    directives: dispatch.directives!.filter((directive) => !directive.includes('subgroup_matrix')),
    code: `${code}
${load('load_left', M * K, `(i % ${K}u) * stride + i / ${K}u`)}
${load('load_right', K * N, `(i / ${N}u) * stride + i % ${N}u`)}
fn multiply_add(a: array<f32, ${M * K}>, b: array<f32, ${K * N}>, c: array<f32, ${M * N}>) -> array<f32, ${M * N}> {
  var left = a; var right = b; var sum = c;
  for (var i = 0u; i < ${M * N}u; i++) {
    for (var k = 0u; k < ${K}u; k++) { sum[i] += left[(i / ${N}u) * ${K}u + k] * right[k * ${N}u + i % ${N}u]; }
  }
  return sum;
}
fn store_sums(offset: u32, c: array<f32, ${M * N}>, stride: u32) {
  var sum = c;
  for (var i = 0u; i < ${M * N}u; i++) { results[offset + (i / ${N}u) * stride + i % ${N}u] = sum[i]; }
}`,
  }
}
