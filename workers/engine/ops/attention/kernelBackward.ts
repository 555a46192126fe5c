import type { Dispatch, Kernel, KernelContext } from '../kernel.ts'
import { forEach, workgroupsFor } from '../wgsl/elementwise.ts'
import { repeat } from '../wgsl/repeat.ts'
import { across, blocksFor, ownQueries, read, shapeOf, visible } from './kernelShape.ts'

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
