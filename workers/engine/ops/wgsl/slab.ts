import type { Operand } from './operand.ts'
import { repeat } from './repeat.ts'
import type { MatmulTile } from './tile.ts'

/** Largest 16-bit float. */
const largestHalf = 65504

/** Type of what workgroup memory holds. */
export const slabType = ({ half }: MatmulTile): 'f16' | 'f32' => (half ? 'f16' : 'f32')

/**
 * WGSL by which `threads` invocations (`thread` among them) load `size` rows
 * from `first` and the tile's depth from `k0` into a slab [depth][side], four
 * values per invocation and turn; zeros from `limit` on.
 *
 * 16-bit floats overflow at 65504 and lose small numbers below 6e-5: gradients
 * are scaled by the operand's `halfScale`, and what is still too large is cut off.
 */
export function fillSlab(slab: string, operand: Operand, first: string, size: number, tile: MatmulTile, limit: string | null, threads: number): string {
  const items = (size * tile.depth) / 4
  const loaded = operand.load(`(${first} + side)`, '(k0 + at)')
  const guarded = limit ? `select(vec4f(), ${loaded}, k0 + at < ${limit})` : loaded
  const scaled = operand.halfScale === 1 ? guarded : `${guarded} * ${operand.halfScale}f`
  const value = tile.half ? `vec4h(clamp(${scaled}, vec4f(-${largestHalf}f), vec4f(${largestHalf}f)))` : guarded
  const body = operand.along === 'depth'
    ? `let side = item / ${tile.depth / 4}u; let at = (item % ${tile.depth / 4}u) * 4u; let v = ${value};
${[0, 1, 2, 3].map((c) => `${slab}[(at + ${c}u) * ${size}u + side] = v.${'xyzw'[c]};`).join(' ')}`
    : `let at = item / ${size / 4}u; let side = (item % ${size / 4}u) * 4u; let v = ${value};
${[0, 1, 2, 3].map((c) => `${slab}[at * ${size}u + side + ${c}u] = v.${'xyzw'[c]};`).join(' ')}`
  return items % threads === 0 && items / threads <= 8
    ? repeat(items / threads, (turn) => `{ let item = thread + ${turn * threads}u; ${body} }`)
    : `for (var item = thread; item < ${items}u; item += ${threads}u) { ${body} }`
}
