import type { MatrixUnit } from './tile.ts'

/** A matrix unit's operations in WGSL. Offsets and strides count elements of workgroup arrays. */
export interface MatrixText {
  directives: string[]
  /** Sums of nothing, [M, N]. */
  zero: string
  /** A [M, K] operand from `slab`, whose K columns lie `stride` apart. */
  loadLeft(slab: string, offset: string, stride: number): string
  /** A [K, N] operand from `slab`, whose K rows lie `stride` apart. */
  loadRight(slab: string, offset: string, stride: number): string
  multiplyAdd(left: string, right: string, sum: string): string
  /** Stores sums row by row. */
  store(array: string, offset: string, sum: string, stride: number): string
}

/**
 * Dawn's `chromium_experimental_subgroup_matrix`: types are
 * left<component, K, M>, right<component, N, K>, result<component, N, M>.
 */
export function matrixText({ M, N, K, component }: MatrixUnit): MatrixText {
  return {
    // The checker cannot see that a subgroup's number is the same in all of it.
    directives: ['enable subgroups;', 'enable chromium_experimental_subgroup_matrix;', 'diagnostic(off, chromium.subgroup_matrix_uniformity);'],
    zero: `subgroup_matrix_result<f32, ${N}, ${M}>()`,
    loadLeft: (slab, offset, stride) => `subgroupMatrixLoad<subgroup_matrix_left<${component}, ${K}, ${M}>, col_major>(&${slab}, ${offset}, ${stride}u)`,
    loadRight: (slab, offset, stride) => `subgroupMatrixLoad<subgroup_matrix_right<${component}, ${N}, ${K}>, row_major>(&${slab}, ${offset}, ${stride}u)`,
    multiplyAdd: (left, right, sum) => `subgroupMatrixMultiplyAccumulate(${left}, ${right}, ${sum})`,
    store: (array, offset, sum, stride) => `subgroupMatrixStore<row_major>(&${array}, ${offset}, ${sum}, ${stride}u);`,
  }
}
