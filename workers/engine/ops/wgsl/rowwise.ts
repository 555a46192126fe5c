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

/**
 * WGSL around a reduction over rows: `fn main` with `row`, and `lane` of
 * `threads` that share the row; `total(value)` and `largest(value)` reduce over
 * them. With several threads a workgroup does one row, with one it does 64.
 */
export function rowwise(rows: number, threads: number, body: string, sizes: Sizes): { code: string; workgroups: [number, number, number] } {
  const end = sizes.of(rows)
  if (threads === 1) {
    return {
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
  const reduce = (name: string, combine: string) => `fn ${name}(value: f32) -> f32 {
  shared_values[shared_lane] = value;
  workgroupBarrier();
  for (var step = ${threads / 2}u; step > 0u; step /= 2u) {
    if (shared_lane < step) { shared_values[shared_lane] = ${combine}; }
    workgroupBarrier();
  }
  let result = shared_values[0];
  workgroupBarrier();
  return result;
}`
  const both = 'shared_values[shared_lane], shared_values[shared_lane + step]'
  return {
    code: `${sizes.declarations}
var<workgroup> shared_values: array<f32, ${threads}>;
var<private> shared_lane: u32;
${reduce('total', `shared_values[shared_lane] + shared_values[shared_lane + step]`)}
${reduce('largest', `max(${both})`)}
@compute @workgroup_size(${threads})
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3u) {
  ${sizes.prologue}
  shared_lane = lane;
  let row = group.x + group.y * ${Sizes.uniform(width)};
  if (row >= ${Sizes.uniform(end)}) { return; }
  ${body}
}`,
    workgroups: [wide, Math.ceil(rows / wide), 1],
  }
}
