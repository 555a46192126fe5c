/**
 * Blockwise attention (FlashAttention-2, Dao 2023): scores are never stored.
 * An invocation owns a few queries (or, for dK and dV, a few keys) of one head
 * in registers and walks over the others. WGSL has no float atomics, so dQ and
 * dK/dV are separate passes, each recomputing the scores from the logsumexp.
 */
import type { GpuCapabilities } from '../../backend/device.ts'
import type { Dispatch, Kernel, KernelContext } from '../kernel.ts'
import { forEach, workgroupsFor } from '../wgsl/elementwise.ts'
import { repeat } from '../wgsl/matmul.ts'
import type { AttentionAttributes } from './index.ts'

const minimum = '-1e30f'

/** Queries or keys per invocation: as many as registers allow where loads are dear, one where invocations are plenty. */
function ownedRows(headDim: number, { software }: GpuCapabilities): number {
  if (!software) return 1
  return headDim <= 16 ? 8 : headDim <= 64 ? 4 : 2
}

export const attentionKernel: Kernel<'attention'> = ({ attrs, inputs, outputs, shapes, capabilities }) => {
  const size = sizes(attrs, shapes)
  const owned = ownedRows(attrs.headDim, capabilities)
  const items = attrs.rows * attrs.heads * Math.ceil(size.length / owned)
  const step = 4
  const body = `${ownQueries(attrs, size, owned)}
${repeat(owned, (b) => `var m${b} = ${minimum}; var s${b} = 0f;
${repeat(size.quads, (d) => `var o${b}_${d} = vec4f();`)}`)}
for (var block = first; block < last; block += ${step}u) {
${repeat(step, (u) => `let seen${u} = block + ${u}u < last;
let j${u} = min(block + ${u}u, last - 1u);
let segment${u} = segments[row * ${size.length}u + j${u}];
${repeat(owned, (b) => `let open${b}_${u} = seen${u} && ${visible(`segment${u}`, `segment_own${b}`, `j${u}`, `i${b}`, attrs)};`)}`)}
if (${Array.from({ length: step * owned }, (_, n) => `open${n % owned}_${Math.floor(n / owned)}`).join(' || ')}) {
${repeat(step, (u) => `let at${u} = ((row * ${size.length}u + j${u}) * ${attrs.keyValueHeads}u + shared_head) * ${size.quads}u;
${repeat(owned, (b) => `var x${b}_${u} = 0f;`)}
${repeat(size.quads, (d) => `{ let key = k[at${u} + ${d}u]; ${repeat(owned, (b) => `x${b}_${u} += dot(q${b}_${d}, key);`)} }`)}`)}
${repeat(owned, (b) => `${repeat(step, (u) => `x${b}_${u} = select(${minimum}, x${b}_${u} * ${attrs.scale}f, open${b}_${u});`)}
let top${b} = max(max(max(x${b}_0, x${b}_1), max(x${b}_2, x${b}_3)), m${b});
let shrink${b} = exp(m${b} - top${b});
m${b} = top${b};
${repeat(step, (u) => `let p${b}_${u} = select(0f, exp(x${b}_${u} - top${b}), open${b}_${u});`)}
s${b} = s${b} * shrink${b} + ${[0, 1, 2, 3].map((u) => `p${b}_${u}`).join(' + ')};`)}
${repeat(size.quads, (d) => `{ ${repeat(step, (u) => `let value${u} = v[at${u} + ${d}u];`)}
${repeat(owned, (b) => `o${b}_${d} = o${b}_${d} * shrink${b} + ${[0, 1, 2, 3].map((u) => `p${b}_${u} * value${u}`).join(' + ')};`)} }`)}
}
}
${repeat(owned, (b) => `if (start + ${b}u < ${size.length}u) {
${repeat(size.quads, (d) => `o[(((row * ${size.length}u + i${b}) * ${attrs.heads}u + head) * ${size.quads}u) + ${d}u] = o${b}_${d} / s${b};`)}
${outputs.logsumexp ? `logsumexp[(row * ${attrs.heads}u + head) * ${size.length}u + i${b}] = m${b} + log(s${b});` : ''}
}`)}`
  return [{
    name: 'attention',
    bindings: [
      ...read({ q: inputs.q, k: inputs.k, v: inputs.v }, 'array<vec4f>'),
      { name: 'segments', type: 'array<i32>', buffer: inputs.segments },
      { name: 'o', type: 'array<vec4f>', buffer: outputs.o, write: true },
      ...(outputs.logsumexp ? [{ name: 'logsumexp', type: 'array<f32>', buffer: outputs.logsumexp, write: true }] : []),
    ],
    code: forEach(items, body),
    workgroups: workgroupsFor(items),
    flops: 4 * size.pairs,
    bytes: 8 * attrs.rows * size.length * attrs.headDim * (attrs.heads + attrs.keyValueHeads),
  }]
}

export const attentionBackwardKernel: Kernel<'attentionBackward'> = (context) => {
  const { attrs, shapes, outputs, scratch } = context
  const size = sizes(attrs, shapes)
  const delta = scratch('delta', attrs.rows * attrs.heads * size.length)
  const dispatches = [deltas(context, size, delta)]
  if (outputs.dq) dispatches.push(queryGradients(context, size, delta))
  if (outputs.dk) dispatches.push(keyValueGradients(context, size, delta))
  return dispatches
}

type Context = KernelContext<'attentionBackward'>
type Ref = Context['inputs'][string]

/** delta = Σ do∘o per token and head, laid out as the logsumexp. */
function deltas({ attrs, inputs }: Context, { length, quads }: Sizes, delta: Ref): Dispatch {
  const items = attrs.rows * attrs.heads * length
  return {
    name: 'attentionBackward.delta',
    bindings: [
      ...read({ o: inputs.o, dout: inputs.do }, 'array<vec4f>'),
      { name: 'delta', type: 'array<f32>', buffer: delta, write: true },
    ],
    code: forEach(items, `let token = (i / ${length * attrs.heads}u) * ${length}u + i % ${length}u;
  let at = (token * ${attrs.heads}u + (i / ${length}u) % ${attrs.heads}u) * ${quads}u;
  var sum = 0f;
  ${repeat(quads, (d) => `sum += dot(o[at + ${d}u], dout[at + ${d}u]);`)}
  delta[i] = sum;`),
    workgroups: workgroupsFor(items),
    flops: 2 * items * attrs.headDim,
    bytes: 8 * items * attrs.headDim,
  }
}

function queryGradients({ attrs, inputs, outputs, capabilities }: Context, size: Sizes, delta: Ref): Dispatch {
  const owned = ownedRows(attrs.headDim, capabilities)
  const items = attrs.rows * attrs.heads * Math.ceil(size.length / owned)
  const body = `${ownQueries(attrs, size, owned)}
${repeat(owned, (b) => `let at${b} = (row * ${attrs.heads}u + head) * ${size.length}u + i${b};
let l${b} = logsumexp[at${b}]; let delta${b} = delta[at${b}];
${repeat(size.quads, (d) => `let g${b}_${d} = dout[base${b} + ${d}u]; var dq${b}_${d} = vec4f();`)}`)}
for (var j = first; j < last; j++) {
let segment = segments[row * ${size.length}u + j];
${repeat(owned, (b) => `let open${b} = ${visible('segment', `segment_own${b}`, 'j', `i${b}`, attrs)};`)}
if (${Array.from({ length: owned }, (_, b) => `open${b}`).join(' || ')}) {
let at = ((row * ${size.length}u + j) * ${attrs.keyValueHeads}u + shared_head) * ${size.quads}u;
${repeat(owned, (b) => `var x${b} = 0f; var dp${b} = 0f;`)}
${repeat(size.quads, (d) => `let key${d} = k[at + ${d}u]; { let value = v[at + ${d}u];
${repeat(owned, (b) => `x${b} += dot(q${b}_${d}, key${d}); dp${b} += dot(g${b}_${d}, value);`)} }`)}
${repeat(owned, (b) => `let ds${b} = select(0f, exp(x${b} * ${attrs.scale}f - l${b}) * (dp${b} - delta${b}), open${b});
${repeat(size.quads, (d) => `dq${b}_${d} += ds${b} * key${d};`)}`)}
}
}
${repeat(owned, (b) => `if (start + ${b}u < ${size.length}u) {
${repeat(size.quads, (d) => `dq[base${b} + ${d}u] = dq${b}_${d} * ${attrs.scale}f;`)}
}`)}`
  return {
    name: 'attentionBackward.dq',
    bindings: [
      ...read({ q: inputs.q, k: inputs.k, v: inputs.v, dout: inputs.do }, 'array<vec4f>'),
      ...read({ logsumexp: inputs.logsumexp, delta }, 'array<f32>'),
      { name: 'segments', type: 'array<i32>', buffer: inputs.segments },
      { name: 'dq', type: 'array<vec4f>', buffer: outputs.dq, write: true },
    ],
    code: forEach(items, body),
    workgroups: workgroupsFor(items),
    flops: 6 * size.pairs,
    bytes: 16 * attrs.rows * size.length * attrs.headDim * attrs.heads,
  }
}

function keyValueGradients({ attrs, inputs, outputs, capabilities }: Context, size: Sizes, delta: Ref): Dispatch {
  const owned = ownedRows(attrs.headDim, capabilities)
  const blocks = Math.ceil(size.length / owned)
  const items = attrs.rows * attrs.keyValueHeads * blocks
  const { length, quads } = size
  const group = attrs.heads / attrs.keyValueHeads
  const end = attrs.window ? `min(start + ${owned - 1 + attrs.window}u, ${length}u)` : `${length}u`
  const body = `let start = (i % ${blocks}u) * ${owned}u;
let shared_head = (i / ${blocks}u) % ${attrs.keyValueHeads}u;
let row = i / ${blocks * attrs.keyValueHeads}u;
${repeat(owned, (b) => `let j${b} = min(start + ${b}u, ${length - 1}u);
let segment_own${b} = segments[row * ${length}u + j${b}];
let base${b} = ((row * ${length}u + j${b}) * ${attrs.keyValueHeads}u + shared_head) * ${quads}u;
${repeat(quads, (d) => `let k${b}_${d} = k[base${b} + ${d}u]; let v${b}_${d} = v[base${b} + ${d}u];
var dk${b}_${d} = vec4f(); var dv${b}_${d} = vec4f();`)}`)}
for (var iq = start; iq < ${end}; iq++) {
let segment = segments[row * ${length}u + iq];
${repeat(owned, (b) => `let open${b} = ${visible('segment', `segment_own${b}`, `(start + ${b}u)`, 'iq', attrs)};`)}
if (${Array.from({ length: owned }, (_, b) => `open${b}`).join(' || ')}) {
for (var member = 0u; member < ${group}u; member++) {
let head = shared_head * ${group}u + member;
let at = ((row * ${length}u + iq) * ${attrs.heads}u + head) * ${quads}u;
let per = (row * ${attrs.heads}u + head) * ${length}u + iq;
let l = logsumexp[per]; let d0 = delta[per];
${repeat(owned, (b) => `var x${b} = 0f; var dp${b} = 0f;`)}
${repeat(quads, (d) => `let query${d} = q[at + ${d}u]; let g${d} = dout[at + ${d}u];
${repeat(owned, (b) => `x${b} += dot(k${b}_${d}, query${d}); dp${b} += dot(v${b}_${d}, g${d});`)}`)}
${repeat(owned, (b) => `let p${b} = select(0f, exp(x${b} * ${attrs.scale}f - l), open${b}); let ds${b} = p${b} * (dp${b} - d0);
${repeat(quads, (d) => `dv${b}_${d} += p${b} * g${d}; dk${b}_${d} += ds${b} * query${d};`)}`)}
}
}
}
${repeat(owned, (b) => `if (start + ${b}u < ${length}u) {
${repeat(quads, (d) => `dk[base${b} + ${d}u] = dk${b}_${d} * ${attrs.scale}f; dv[base${b} + ${d}u] = dv${b}_${d};`)}
}`)}`
  return {
    name: 'attentionBackward.dkdv',
    bindings: [
      ...read({ q: inputs.q, k: inputs.k, v: inputs.v, dout: inputs.do }, 'array<vec4f>'),
      ...read({ logsumexp: inputs.logsumexp, delta }, 'array<f32>'),
      { name: 'segments', type: 'array<i32>', buffer: inputs.segments },
      { name: 'dk', type: 'array<vec4f>', buffer: outputs.dk, write: true },
      { name: 'dv', type: 'array<vec4f>', buffer: outputs.dv, write: true },
    ],
    code: forEach(items, body),
    workgroups: workgroupsFor(items),
    flops: 8 * size.pairs,
    bytes: 16 * attrs.rows * length * attrs.headDim * attrs.heads,
  }
}

interface Sizes {
  length: number
  /** vec4f per head. */
  quads: number
  /** Visible pairs of positions times features, all heads. */
  pairs: number
}

function sizes({ rows, heads, headDim, window }: AttentionAttributes, { q }: Context['shapes']): Sizes {
  const length = q[0] / rows
  const seen = window && window < length ? window * length - (window * (window - 1)) / 2 : (length * (length + 1)) / 2
  return { length, quads: headDim / 4, pairs: rows * heads * headDim * seen }
}

/** WGSL: invocation i's queries of one head, loaded, with the range [first, last) of keys that any of them may see. */
function ownQueries(attrs: AttentionAttributes, { length, quads }: Sizes, owned: number): string {
  const blocks = Math.ceil(length / owned)
  const first = attrs.window ? `u32(max(i32(start) - ${attrs.window - 1}, 0))` : '0u'
  return `let start = (i % ${blocks}u) * ${owned}u;
let head = (i / ${blocks}u) % ${attrs.heads}u;
let shared_head = head / ${attrs.heads / attrs.keyValueHeads}u;
let row = i / ${blocks * attrs.heads}u;
let first = ${first};
let last = min(start + ${owned}u, ${length}u);
${repeat(owned, (b) => `let i${b} = min(start + ${b}u, ${length - 1}u);
let segment_own${b} = segments[row * ${length}u + i${b}];
let base${b} = ((row * ${length}u + i${b}) * ${attrs.heads}u + head) * ${quads}u;
${repeat(quads, (d) => `let q${b}_${d} = q[base${b} + ${d}u];`)}`)}`
}

/** WGSL condition: query i sees key j. */
function visible(segmentKey: string, segmentQuery: string, j: string, i: string, { window }: AttentionAttributes): string {
  return `(${segmentKey} == ${segmentQuery} && ${j} <= ${i}${window ? ` && ${i} - ${j} < ${window}u` : ''})`
}

function read(buffers: Record<string, Ref>, type: string) {
  return Object.entries(buffers).map(([name, buffer]) => ({ name, type, buffer }))
}
