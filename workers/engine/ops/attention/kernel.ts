/**
 * Blockwise attention (FlashAttention-2, Dao 2023): scores are never stored.
 * An invocation owns a few queries (or, for dK and dV, a few keys) of one head
 * in registers and walks over the others. WGSL has no float atomics, so dQ and
 * dK/dV are separate passes, each recomputing the scores from the logsumexp.
 */
import type { GpuCapabilities } from '../../backend/device.ts'
import type { Dispatch, Kernel, KernelContext } from '../kernel.ts'
import { forEach, workgroupsFor } from '../wgsl/elementwise.ts'
import { repeat } from '../wgsl/repeat.ts'
import { Sizes } from '../wgsl/sizes.ts'
import type { AttentionAttributes } from './index.ts'

const minimum = '-1e30f'

/** How an invocation's work is cut. */
interface Blocks {
  /** Queries (or keys) that it owns: several where loads are dear, one where invocations are plenty. */
  owned: number
  /** Keys per turn of the forward pass, rescaled together. */
  step: 1 | 4
  /** Invocations that share a query (or key), each with a part of the head: a head of 128 does not fit one's registers. */
  lanes: 1 | 4
}

/** Drivers on CPUs compile long bodies slowly (faster than quadratically), so wide heads get small blocks there. */
export function blocksFor(headDim: number, { software, subgroups }: GpuCapabilities): Blocks {
  if (software) return { owned: Math.max(1, Math.min(4, Math.floor(32 / headDim))), step: headDim <= 16 ? 4 : 1, lanes: 1 }
  return { owned: 1, step: 4, lanes: subgroups && headDim >= 32 && headDim % 16 === 0 ? 4 : 1 }
}

/**
 * WGSL `fn across(x)`: the sum over the lanes of a query. Four invocations in a
 * row lie in one subgroup (which has at least four) and take every branch
 * together; the checker cannot see that.
 */
function across({ lanes }: Blocks): { directives: string[]; code: string } {
  if (lanes === 1) return { directives: [], code: 'fn across(x: f32) -> f32 { return x; }' }
  return {
    directives: ['enable subgroups;', 'diagnostic(off, subgroup_uniformity);'],
    code: `fn across(x: f32) -> f32 {
  let pair = x + subgroupShuffleXor(x, 1u);
  return pair + subgroupShuffleXor(pair, 2u);
}`,
  }
}

export const attentionKernel: Kernel<'attention'> = ({ attrs, inputs, outputs, shapes, capabilities, constant }) => {
  const blocks = blocksFor(attrs.headDim, capabilities)
  const { owned, step, lanes } = blocks
  const size = shapeOf(attrs, shapes, lanes)
  const items = attrs.rows * attrs.heads * Math.ceil(size.length / owned) * lanes
  const { directives, code: sums } = across(blocks)
  const turns = Array.from({ length: step }, (_, u) => u)
  const body = `${ownQueries(attrs, size, owned)}
${repeat(owned, (b) => `var m${b} = ${minimum}; var s${b} = 0f;
${repeat(size.own, (d) => `var o${b}_${d} = vec4f();`)}`)}
for (var block = first; block < last; block += ${step}u) {
${repeat(step, (u) => `let seen${u} = block + ${u}u < last;
let j${u} = min(block + ${u}u, last - 1u);
let segment${u} = segments[row * ${size.lengthText} + j${u}];
${repeat(owned, (b) => `let open${b}_${u} = seen${u} && ${visible(`segment${u}`, `segment_own${b}`, `j${u}`, `i${b}`, attrs)};`)}`)}
if (${Array.from({ length: step * owned }, (_, n) => `open${n % owned}_${Math.floor(n / owned)}`).join(' || ')}) {
${repeat(step, (u) => `let at${u} = ((row * ${size.lengthText} + j${u}) * ${attrs.keyValueHeads}u + shared_head) * ${size.quads}u + lane;
${repeat(owned, (b) => `var x${b}_${u} = 0f;`)}
${repeat(size.own, (d) => `{ let key = k[at${u} + ${d * lanes}u]; ${repeat(owned, (b) => `x${b}_${u} += dot(q${b}_${d}, key);`)} }`)}`)}
${repeat(owned, (b) => `${repeat(step, (u) => `x${b}_${u} = select(${minimum}, across(x${b}_${u}) * ${attrs.scale}f, open${b}_${u});`)}
let top${b} = ${turns.reduce((largest, u) => `max(${largest}, x${b}_${u})`, `m${b}`)};
let shrink${b} = exp(m${b} - top${b});
m${b} = top${b};
${repeat(step, (u) => `let p${b}_${u} = select(0f, exp(x${b}_${u} - top${b}), open${b}_${u});`)}
s${b} = s${b} * shrink${b} + ${turns.map((u) => `p${b}_${u}`).join(' + ')};`)}
${repeat(size.own, (d) => `{ ${repeat(step, (u) => `let value${u} = v[at${u} + ${d * lanes}u];`)}
${repeat(owned, (b) => `o${b}_${d} = o${b}_${d} * shrink${b} + ${turns.map((u) => `p${b}_${u} * value${u}`).join(' + ')};`)} }`)}
}
}
${repeat(owned, (b) => `if (start + ${b}u < ${size.lengthText}) {
${repeat(size.own, (d) => `o[(((row * ${size.lengthText} + i${b}) * ${attrs.heads}u + head) * ${size.quads}u) + lane + ${d * lanes}u] = o${b}_${d} / s${b};`)}
${outputs.logsumexp ? `${lanes > 1 ? 'if (lane == 0u) ' : ''}{ logsumexp[(row * ${attrs.heads}u + head) * ${size.lengthText} + i${b}] = m${b} + log(s${b}); }` : ''}
}`)}`
  const code = `${sums}\n${forEach(items, body, size.sizes)}`
  return [{
    name: 'attention',
    bindings: [
      ...read({ q: inputs.q, k: inputs.k, v: inputs.v }, 'array<vec4f>'),
      { name: 'segments', type: 'array<i32>', buffer: inputs.segments },
      { name: 'o', type: 'array<vec4f>', buffer: outputs.o, write: true },
      ...(outputs.logsumexp ? [{ name: 'logsumexp', type: 'array<f32>', buffer: outputs.logsumexp, write: true }] : []),
      size.sizes.binding(constant),
    ],
    directives,
    code,
    workgroups: workgroupsFor(items),
    flops: 4 * size.pairs,
    bytes: 8 * attrs.rows * size.length * attrs.headDim * (attrs.heads + attrs.keyValueHeads),
  }]
}

/**
 * A few new tokens over a cache: an invocation per token and head. Its length
 * follows the token's position, not the cache's capacity.
 */
export const cachedAttentionKernel: Kernel<'cachedAttention'> = ({ attrs, inputs, outputs, shapes, constant }) => {
  const [tokens] = shapes.q
  const quads = attrs.headDim / 4
  const items = tokens * attrs.heads
  const body = `let head = i % ${attrs.heads}u;
let token = i / ${attrs.heads}u;
let shared_head = head / ${attrs.heads / attrs.keyValueHeads}u;
let position = positions[token];
let base = i * ${quads}u;
${repeat(quads, (d) => `let q${d} = q[base + ${d}u]; var o${d} = vec4f();`)}
var top = ${minimum}; var sum = 0f;
for (var j = ${attrs.window ? `max(0, position - ${attrs.window - 1})` : '0'}; j <= position; j++) {
let at = (u32(j) * ${attrs.keyValueHeads}u + shared_head) * ${quads}u;
var x = 0f;
${repeat(quads, (d) => `x += dot(q${d}, k[at + ${d}u]);`)}
x *= ${attrs.scale}f;
let before = top;
top = max(top, x);
let shrink = exp(before - top);
let p = exp(x - top);
sum = sum * shrink + p;
${repeat(quads, (d) => `o${d} = o${d} * shrink + p * v[at + ${d}u];`)}
}
${repeat(quads, (d) => `o[base + ${d}u] = o${d} / sum;`)}`
  const sizes = new Sizes()
  const code = forEach(items, body, sizes)
  return [{
    name: 'cachedAttention',
    bindings: [
      ...read({ q: inputs.q, k: inputs.k, v: inputs.v }, 'array<vec4f>'),
      { name: 'positions', type: 'array<i32>', buffer: inputs.positions },
      { name: 'o', type: 'array<vec4f>', buffer: outputs.o, write: true },
      sizes.binding(constant),
    ],
    code,
    workgroups: workgroupsFor(items),
    flops: 4 * items * attrs.headDim * shapes.k[0],
    bytes: 8 * shapes.k[0] * shapes.k[1],
  }]
}

export const attentionBackwardKernel: Kernel<'attentionBackward'> = (context) => {
  const { attrs, shapes, outputs, scratch } = context
  const stats = scratch('stats', 2 * attrs.heads * shapes.q[0])
  const dispatches = [statistics(context, stats)]
  if (outputs.dq) dispatches.push(queryGradients(context, stats))
  if (outputs.dk) dispatches.push(keyValueGradients(context, stats))
  return dispatches
}

type Context = KernelContext<'attentionBackward'>
type Ref = Context['inputs'][string]

/** Per token and head the logsumexp and delta = Σ do∘o next to each other: one binding fewer. */
function statistics({ attrs, inputs, shapes, constant }: Context, stats: Ref): Dispatch {
  const { length, lengthText, quads, sizes } = shapeOf(attrs, shapes, 1)
  const items = attrs.rows * attrs.heads * length
  const code = forEach(items, `let token = (i / (${lengthText} * ${attrs.heads}u)) * ${lengthText} + i % ${lengthText};
  let at = (token * ${attrs.heads}u + (i / ${lengthText}) % ${attrs.heads}u) * ${quads}u;
  var sum = 0f;
  ${repeat(quads, (d) => `sum += dot(o[at + ${d}u], dout[at + ${d}u]);`)}
  stats[i] = vec2f(logsumexp[i], sum);`, sizes)
  return {
    name: 'attentionBackward.statistics',
    bindings: [
      ...read({ o: inputs.o, dout: inputs.do }, 'array<vec4f>'),
      { name: 'logsumexp', type: 'array<f32>', buffer: inputs.logsumexp },
      { name: 'stats', type: 'array<vec2f>', buffer: stats, write: true },
      sizes.binding(constant),
    ],
    code,
    workgroups: workgroupsFor(items),
    flops: 2 * items * attrs.headDim,
    bytes: 8 * items * attrs.headDim,
  }
}

function queryGradients({ attrs, inputs, outputs, shapes, capabilities, constant }: Context, stats: Ref): Dispatch {
  const cut = blocksFor(attrs.headDim, capabilities)
  const { owned, lanes } = cut
  const size = shapeOf(attrs, shapes, lanes)
  const items = attrs.rows * attrs.heads * Math.ceil(size.length / owned) * lanes
  const body = `${ownQueries(attrs, size, owned)}
${repeat(owned, (b) => `let at${b} = (row * ${attrs.heads}u + head) * ${size.lengthText} + i${b};
let l${b} = stats[at${b}].x; let delta${b} = stats[at${b}].y;
${repeat(size.own, (d) => `let g${b}_${d} = dout[base${b} + ${d * lanes}u]; var dq${b}_${d} = vec4f();`)}`)}
for (var j = first; j < last; j++) {
let segment = segments[row * ${size.lengthText} + j];
${repeat(owned, (b) => `let open${b} = ${visible('segment', `segment_own${b}`, 'j', `i${b}`, attrs)};`)}
if (${Array.from({ length: owned }, (_, b) => `open${b}`).join(' || ')}) {
let at = ((row * ${size.lengthText} + j) * ${attrs.keyValueHeads}u + shared_head) * ${size.quads}u + lane;
${repeat(owned, (b) => `var x${b} = 0f; var dp${b} = 0f;`)}
${repeat(size.own, (d) => `let key${d} = k[at + ${d * lanes}u]; { let value = v[at + ${d * lanes}u];
${repeat(owned, (b) => `x${b} += dot(q${b}_${d}, key${d}); dp${b} += dot(g${b}_${d}, value);`)} }`)}
${repeat(owned, (b) => `let ds${b} = select(0f, exp(across(x${b}) * ${attrs.scale}f - l${b}) * (across(dp${b}) - delta${b}), open${b});
${repeat(size.own, (d) => `dq${b}_${d} += ds${b} * key${d};`)}`)}
}
}
${repeat(owned, (b) => `if (start + ${b}u < ${size.lengthText}) {
${repeat(size.own, (d) => `dq[base${b} + ${d * lanes}u] = dq${b}_${d} * ${attrs.scale}f;`)}
}`)}`
  const { directives, code: sums } = across(cut)
  const code = `${sums}\n${forEach(items, body, size.sizes)}`
  return {
    name: 'attentionBackward.dq',
    bindings: [
      ...read({ q: inputs.q, k: inputs.k, v: inputs.v, dout: inputs.do }, 'array<vec4f>'),
      { name: 'stats', type: 'array<vec2f>', buffer: stats },
      { name: 'segments', type: 'array<i32>', buffer: inputs.segments },
      { name: 'dq', type: 'array<vec4f>', buffer: outputs.dq, write: true },
      size.sizes.binding(constant),
    ],
    directives,
    code,
    workgroups: workgroupsFor(items),
    flops: 6 * size.pairs,
    bytes: 16 * attrs.rows * size.length * attrs.headDim * attrs.heads,
  }
}

function keyValueGradients({ attrs, inputs, outputs, shapes, capabilities, constant }: Context, stats: Ref): Dispatch {
  const cut = blocksFor(attrs.headDim, capabilities)
  const { owned, lanes } = cut
  const size = shapeOf(attrs, shapes, lanes)
  const blocks = Math.ceil(size.length / owned)
  const blocksText = size.sizes.of(blocks)
  const items = attrs.rows * attrs.keyValueHeads * blocks * lanes
  const { length, lengthText, quads, own } = size
  const group = attrs.heads / attrs.keyValueHeads
  const end = attrs.window ? `min(start + ${owned - 1 + attrs.window}u, ${lengthText})` : `${lengthText}`
  const body = `let item = i / ${lanes}u; let lane = i % ${lanes}u;
let start = (item % ${blocksText}) * ${owned}u;
let shared_head = (item / ${blocksText}) % ${attrs.keyValueHeads}u;
let row = item / (${blocksText} * ${attrs.keyValueHeads}u);
${repeat(owned, (b) => `let j${b} = min(start + ${b}u, ${lengthText} - 1u);
let segment_own${b} = segments[row * ${lengthText} + j${b}];
let base${b} = ((row * ${lengthText} + j${b}) * ${attrs.keyValueHeads}u + shared_head) * ${quads}u + lane;
${repeat(own, (d) => `let k${b}_${d} = k[base${b} + ${d * lanes}u]; let v${b}_${d} = v[base${b} + ${d * lanes}u];
var dk${b}_${d} = vec4f(); var dv${b}_${d} = vec4f();`)}`)}
for (var iq = start; iq < ${end}; iq++) {
let segment = segments[row * ${lengthText} + iq];
${repeat(owned, (b) => `let open${b} = ${visible('segment', `segment_own${b}`, `(start + ${b}u)`, 'iq', attrs)};`)}
if (${Array.from({ length: owned }, (_, b) => `open${b}`).join(' || ')}) {
for (var member = 0u; member < ${group}u; member++) {
let head = shared_head * ${group}u + member;
let at = ((row * ${lengthText} + iq) * ${attrs.heads}u + head) * ${quads}u + lane;
let per = (row * ${attrs.heads}u + head) * ${lengthText} + iq;
let l = stats[per].x; let d0 = stats[per].y;
${repeat(owned, (b) => `var x${b} = 0f; var dp${b} = 0f;`)}
${repeat(own, (d) => `let query${d} = q[at + ${d * lanes}u]; let g${d} = dout[at + ${d * lanes}u];
${repeat(owned, (b) => `x${b} += dot(k${b}_${d}, query${d}); dp${b} += dot(v${b}_${d}, g${d});`)}`)}
${repeat(owned, (b) => `let p${b} = select(0f, exp(across(x${b}) * ${attrs.scale}f - l), open${b}); let ds${b} = p${b} * (across(dp${b}) - d0);
${repeat(own, (d) => `dv${b}_${d} += p${b} * g${d}; dk${b}_${d} += ds${b} * query${d};`)}`)}
}
}
}
${repeat(owned, (b) => `if (start + ${b}u < ${lengthText}) {
${repeat(own, (d) => `dk[base${b} + ${d * lanes}u] = dk${b}_${d} * ${attrs.scale}f; dv[base${b} + ${d * lanes}u] = dv${b}_${d};`)}
}`)}`
  const { directives, code: sums } = across(cut)
  const code = `${sums}\n${forEach(items, body, size.sizes)}`
  return {
    name: 'attentionBackward.dkdv',
    bindings: [
      ...read({ q: inputs.q, k: inputs.k, v: inputs.v, dout: inputs.do }, 'array<vec4f>'),
      { name: 'stats', type: 'array<vec2f>', buffer: stats },
      { name: 'segments', type: 'array<i32>', buffer: inputs.segments },
      { name: 'dk', type: 'array<vec4f>', buffer: outputs.dk, write: true },
      { name: 'dv', type: 'array<vec4f>', buffer: outputs.dv, write: true },
      size.sizes.binding(constant),
    ],
    directives,
    code,
    workgroups: workgroupsFor(items),
    flops: 8 * size.pairs,
    bytes: 16 * attrs.rows * length * attrs.headDim * attrs.heads,
  }
}

interface Shape {
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

function shapeOf({ rows, heads, headDim, window }: AttentionAttributes, { q }: Context['shapes'], lanes: Blocks['lanes']): Shape {
  const length = q[0] / rows
  const seen = window && window < length ? window * length - (window * (window - 1)) / 2 : (length * (length + 1)) / 2
  const sizes = new Sizes()
  return { length, lengthText: sizes.of(length), sizes, quads: headDim / 4, own: headDim / 4 / lanes, lanes, pairs: rows * heads * headDim * seen }
}

/** WGSL: invocation i's queries of one head, loaded, with the range [first, last) of keys that any of them may see. */
function ownQueries(attrs: AttentionAttributes, { length, lengthText, sizes, quads, own, lanes }: Shape, owned: number): string {
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
function visible(segmentKey: string, segmentQuery: string, j: string, i: string, { window }: AttentionAttributes): string {
  return `(${segmentKey} == ${segmentQuery} && ${j} <= ${i}${window ? ` && ${i} - ${j} < ${window}u` : ''})`
}

function read(buffers: Record<string, Ref>, type: string) {
  return Object.entries(buffers).map(([name, buffer]) => ({ name, type, buffer }))
}
