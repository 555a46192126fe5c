import type { GpuCapabilities } from '../../backend/device.ts'
import type { PortShapes } from '../definition.ts'
import type { Binding, BufferRef } from '../kernel.ts'
import { repeat } from '../wgsl/repeat.ts'
import { Sizes } from '../wgsl/sizes.ts'
import type { AttentionAttributes } from './index.ts'

/** How an invocation's work is cut. */
export interface Blocks {
  /** Queries (or keys) that it owns: several where loads are dear, one where invocations are plenty. */
  owned: number
  /** Keys per turn of the forward pass, rescaled together. */
  step: 1 | 4
  /** Invocations that share a query (or key), each with a part of the head: a head of 128 does not fit one's registers. */
  lanes: 1 | 4
}

/**
 * Drivers on CPUs compile long bodies slowly (faster than quadratically): a head of 128 in one
 * invocation took SwiftShader 17 s, a quarter of it 2 s, and runs no slower. So wide heads are
 * shared wherever there are subgroups, and get small blocks where there are none.
 */
export function blocksFor(headDim: number, { software, subgroups }: GpuCapabilities): Blocks {
  if (subgroups && headDim >= 32 && headDim % 16 === 0) return { owned: 1, step: 4, lanes: 4 }
  if (!software) return { owned: 1, step: 4, lanes: 1 }
  return { owned: Math.max(1, Math.min(4, Math.floor(32 / headDim))), step: headDim <= 16 ? 4 : 1, lanes: 1 }
}

/**
 * WGSL `fn across(x)`: the sum over the lanes of a query. Four invocations in a
 * row lie in one subgroup (which has at least four) and take every branch
 * together; the checker cannot see that.
 */
export function across({ lanes }: Blocks): { directives: string[]; code: string } {
  if (lanes === 1) return { directives: [], code: 'fn across(x: f32) -> f32 { return x; }' }
  return {
    directives: ['enable subgroups;', 'diagnostic(off, subgroup_uniformity);'],
    code: `fn across(x: f32) -> f32 {
  let pair = x + subgroupShuffleXor(x, 1u);
  return pair + subgroupShuffleXor(pair, 2u);
}`,
  }
}

/** One attention's sizes, in numbers and in WGSL. */
export interface Shape {
  length: number
  /** The length as WGSL. */
  lengthText: string
  /** What the kernel reads as data. */
  sizes: Sizes
  /** vec4f per head. */
  quads: number
  /** vec4f of a head that one invocation holds. */
  own: number
  lanes: number
  /** Visible pairs of positions times features, all heads. */
  pairs: number
}

export function shapeOf({ rows, heads, headDim, window }: AttentionAttributes, { q }: PortShapes, lanes: Blocks['lanes']): Shape {
  const length = q[0] / rows
  const seen = window && window < length ? window * length - (window * (window - 1)) / 2 : (length * (length + 1)) / 2
  const sizes = new Sizes()
  return { length, lengthText: sizes.of(length), sizes, quads: headDim / 4, own: headDim / 4 / lanes, lanes, pairs: rows * heads * headDim * seen }
}

/** WGSL: invocation i's queries of one head, loaded, with the range [first, last) of keys that any of them may see. */
export function ownQueries(attrs: AttentionAttributes, { length, lengthText, sizes, quads, own, lanes }: Shape, owned: number): string {
  const blocks = sizes.of(Math.ceil(length / owned))
  const first = attrs.window ? `u32(max(i32(start) - ${attrs.window - 1}, 0))` : '0u'
  return `let item = i / ${lanes}u; let lane = i % ${lanes}u;
let start = (item % ${blocks}) * ${owned}u;
let head = (item / ${blocks}) % ${attrs.heads}u;
let shared_head = head / ${attrs.heads / attrs.keyValueHeads}u;
let row = item / (${blocks} * ${attrs.heads}u);
let first = ${first};
let last = min(start + ${owned}u, ${lengthText});
${repeat(owned, (b) => `let i${b} = min(start + ${b}u, ${lengthText} - 1u);
let segment_own${b} = segments[row * ${lengthText} + i${b}];
let base${b} = ((row * ${lengthText} + i${b}) * ${attrs.heads}u + head) * ${quads}u + lane;
${repeat(own, (d) => `let q${b}_${d} = q[base${b} + ${d * lanes}u];`)}`)}`
}

/** WGSL condition: query i sees key j. */
export function visible(segmentKey: string, segmentQuery: string, j: string, i: string, { window }: AttentionAttributes): string {
  return `(${segmentKey} == ${segmentQuery} && ${j} <= ${i}${window ? ` && ${i} - ${j} < ${window}u` : ''})`
}

/** Bindings that are only read. */
export function read(buffers: Record<string, BufferRef>, type: string): Binding[] {
  return Object.entries(buffers).map(([name, buffer]) => ({ name, type, buffer }))
}
