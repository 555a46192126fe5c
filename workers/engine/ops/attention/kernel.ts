/**
 * Blockwise attention (FlashAttention-2, Dao 2023): scores are never stored.
 * An invocation owns a few queries (or, for dK and dV, a few keys) of one head
 * in registers and walks over the others. WGSL has no float atomics, so dQ and
 * dK/dV are separate passes, each recomputing the scores from the logsumexp.
 */
import type { Kernel } from '../kernel.ts'
import { forEach, workgroupsFor } from '../wgsl/elementwise.ts'
import { repeat } from '../wgsl/repeat.ts'
import { Sizes } from '../wgsl/sizes.ts'
import { across, blocksFor, ownQueries, read, shapeOf, visible } from './kernelShape.ts'

const minimum = '-1e30f'

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
