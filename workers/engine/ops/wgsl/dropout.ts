import type { Binding, BufferRef } from '../kernel.ts'
import { dropoutModulus as M, dropoutScale, dropoutThreshold } from '../linear/dropout.ts'

/**
 * The mask of linear/dropout.ts inside a kernel: `dropout_at(row, column)` is
 * the four factors from a column that is a multiple of 4.
 *
 * @param keys - int32 [layers, 8].
 * @param keyRow - int32 [1]: the layer's row; data, so that layers share a pipeline.
 */
export function dropout(rate: number, keys: BufferRef, keyRow: BufferRef): { bindings: Binding[]; declarations: string; prologue: string } {
  return {
    bindings: [
      { name: 'dropout_keys', type: 'array<i32>', buffer: keys },
      { name: 'dropout_row', type: 'array<i32>', buffer: keyRow },
    ],
    declarations: `var<private> keys: array<u32, 8>;
fn prepare_dropout() {
  for (var i = 0u; i < 8u; i++) { keys[i] = u32(dropout_keys[u32(dropout_row[0]) * 8u + i]); }
}
fn dropout_at(row: u32, column: u32) -> vec4f {
  let u = ((row % ${M}u) * keys[0] + (row / ${M}u) * keys[1] + keys[2]) % ${M}u;
  let c = vec4u(column) + vec4u(0u, 1u, 2u, 3u);
  let v = ((c % ${M}u) * keys[3] + (c / ${M}u) * keys[4] + keys[5]) % ${M}u;
  var z = (u + v) % ${M}u;
  z = (z * z + u * keys[6] + 1u) % ${M}u;
  z = (z * z + v * keys[7] + 1u) % ${M}u;
  return select(vec4f(${dropoutScale(rate)}), vec4f(), (z * z + u) % ${M}u < vec4u(${dropoutThreshold(rate)}u));
}`,
    prologue: 'prepare_dropout();',
  }
}
