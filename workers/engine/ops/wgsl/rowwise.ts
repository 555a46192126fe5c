import type { GpuCapabilities } from '../../backend/device.ts'
import { Sizes } from './sizes.ts'

/**
 * Invocations that share one row of a reduction. On a CPU behind a driver one
 * does the row alone (a barrier there costs more than hundreds of additions);
 * on a GPU a workgroup does it together.
 */
export function threadsPerRow(columns: number, { software }: GpuCapabilities): number {
  if (software) return 1
  let threads = 32
  while (threads < 256 && threads * 8 < columns) threads *= 2
  return threads
}

export interface Rowwise {
  directives: string[]
  code: string
  workgroups: [number, number, number]
}

/**
 * WGSL around a reduction over rows: `fn main` with `row`, and `lane` of
 * `threads` that share the row; `total(value)` and `largest(value)` reduce over
 * them, within subgroups first where the device has them. With several threads
 * a workgroup does one row, with one it does 64.
 */
export function rowwise(rows: number, threads: number, { subgroups }: Pick<GpuCapabilities, 'subgroups'>, body: string, sizes: Sizes): Rowwise {
  const end = sizes.of(rows)
  if (threads === 1) {
    return {
      directives: [],
      code: `${sizes.declarations}
fn total(value: f32) -> f32 { return value; }
fn largest(value: f32) -> f32 { return value; }
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  ${sizes.prologue}
  let row = id.x;
  let lane = 0u;
  if (row >= ${end}) { return; }
  ${body}
}`,
      workgroups: [Math.ceil(rows / 64), 1, 1],
    }
  }
  const wide = Math.min(rows, 32768)
  const width = sizes.of(wide)
  const reduce = subgroups ? inSubgroups : inWorkgroup
  return {
    directives: subgroups ? ['enable subgroups;'] : [],
    code: `${sizes.declarations}
var<workgroup> shared_values: array<f32, ${threads}>;
var<private> shared_lane: u32;
${subgroups ? 'var<private> own_lane: u32; var<private> own_size: u32;' : ''}
${reduce('total', threads, '0f', (a, b) => `${a} + ${b}`, 'subgroupAdd')}
${reduce('largest', threads, '-3.4e38f', (a, b) => `max(${a}, ${b})`, 'subgroupMax')}
@compute @workgroup_size(${threads})
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3u${
  subgroups ? ', @builtin(subgroup_invocation_id) subgroup_lane: u32, @builtin(subgroup_size) subgroup_lanes: u32' : ''}) {
  ${sizes.prologue}
  shared_lane = lane;
  ${subgroups ? 'own_lane = subgroup_lane; own_size = subgroup_lanes;' : ''}
  let row = group.x + group.y * ${Sizes.uniform(width)};
  if (row >= ${Sizes.uniform(end)}) { return; }
  ${body}
}`,
    workgroups: [wide, Math.ceil(rows / wide), 1],
  }
}

type Combine = (a: string, b: string) => string

function inWorkgroup(name: string, threads: number, _zero: string, combine: Combine): string {
  return `fn ${name}(value: f32) -> f32 {
  shared_values[shared_lane] = value;
  workgroupBarrier();
  for (var step = ${threads / 2}u; step > 0u; step /= 2u) {
    if (shared_lane < step) { shared_values[shared_lane] = ${combine('shared_values[shared_lane]', 'shared_values[shared_lane + step]')}; }
    workgroupBarrier();
  }
  let result = shared_values[0];
  workgroupBarrier();
  return result;
}`
}

/**
 * Two barriers instead of eight. WGSL does not say which invocations form a
 * subgroup, so each subgroup's result lies at its first invocation's own place,
 * zeros elsewhere, and every subgroup adds up all places.
 */
function inSubgroups(name: string, threads: number, zero: string, combine: Combine, reduce: string): string {
  return `fn ${name}(value: f32) -> f32 {
  let own = ${reduce}(value);
  shared_values[shared_lane] = select(${zero}, own, own_lane == 0u);
  workgroupBarrier();
  var all = ${zero};
  for (var i = own_lane; i < ${threads}u; i += own_size) { all = ${combine('all', 'shared_values[i]')}; }
  let result = ${reduce}(all);
  workgroupBarrier();
  return result;
}`
}
