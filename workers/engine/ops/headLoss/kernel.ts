import type { BufferRef, Dispatch, Kernel } from '../kernel.ts'
import { matmul } from '../wgsl/matmul.ts'
import { floatOperand, floatReader } from '../wgsl/operand.ts'
import { rowwise, threadsPerRow } from '../wgsl/rowwise.ts'
import type { Constant } from '../wgsl/sizes.ts'
import { Sizes } from '../wgsl/sizes.ts'
import { weightOperand } from '../wgsl/weightOperand.ts'

/** Logits that exist at a time: 16 Mi floats, 64 MiB. */
const logitBudget = 1 << 24
/** Tokens per pass are a multiple of this, so that every pass begins at a bindable offset. */
const tokenStep = 64

/**
 * Head and cross-entropy for a few tokens at a time: their logits go to
 * scratch, turn into gradients in place, and are multiplied back by the head.
 * Two products over the vocabulary, no logit computed twice, and scratch
 * that does not grow with the batch. (The reference cuts the vocabulary
 * instead; `pieces` is its own affair.)
 */
export const headLossKernel: Kernel<'headLoss'> = (context) => {
  const { inputs, outputs, shapes, scratch, parts, capabilities, constant } = context
  const [tokens, hidden] = shapes.x
  const [vocabulary] = shapes.w
  const pass = Math.min(tokens, Math.max(tokenStep, Math.floor(logitBudget / vocabulary / tokenStep) * tokenStep))
  const logits = scratch('logits', pass * vocabulary)
  const dispatches: Dispatch[] = []
  const wanted = outputs.nll ?? scratch('nll', tokens)
  for (let from = 0; from < tokens; from += pass) {
    const count = Math.min(pass, tokens - from)
    const x = slice(inputs.x, from * hidden, count * hidden)
    for (const part of parts(inputs.w)) {
      const sizes = new Sizes()
      dispatches.push(matmul(context, {
        name: 'headLoss.logits', rows: count, columns: part.count, sizes,
        products: [{
          left: floatOperand({ name: 'x', buffer: x, columns: hidden, along: 'depth', size: sizes.of }),
          right: weightOperand('w', inputs.w, part, hidden, 'depth', sizes.of),
          depth: hidden,
        }],
        target: { name: 'logits', buffer: logits },
        value: 'acc',
        within: { stride: vocabulary, offset: part.first },
      }))
    }
    dispatches.push(crossEntropy(constant, {
      rows: count, vocabulary, logits, threads: threadsPerRow(vocabulary, capabilities),
      targets: slice(inputs.targets, from, count),
      nll: slice(wanted, from, count),
      weight: outputs.dx ? inputs.weight : null,
    }))
    if (!outputs.dx) continue
    const dx = slice(outputs.dx, from * hidden, count * hidden)
    parts(inputs.w).forEach((part, index) => {
      const sizes = new Sizes()
      dispatches.push(matmul(context, {
        name: 'headLoss.dx', rows: count, columns: hidden, sizes,
        products: [{
          left: floatOperand({ name: 'logits', buffer: logits, columns: vocabulary, along: 'depth', size: sizes.of, firstColumn: part.first }),
          right: weightOperand('w', inputs.w, part, hidden, 'side', sizes.of),
          depth: part.count,
        }],
        target: { name: 'dx', buffer: dx },
        declarations: index ? floatReader('dx', hidden, sizes.of) : '',
        value: index ? 'acc + dx_at(row, column)' : 'acc',
      }))
    })
  }
  if (outputs.loss) dispatches.push(lossSum(tokens, wanted, inputs, outputs.loss))
  return dispatches
}

/** nll per row, and with `weight` the logits' gradient in their place. */
function crossEntropy(constant: Constant, { rows, vocabulary, logits, targets, nll, weight, threads }: {
  rows: number; vocabulary: number; threads: number
  logits: BufferRef; targets: BufferRef; nll: BufferRef; weight: BufferRef | null
}): Dispatch {
  const sizes = new Sizes()
  const each = (body: string) => `for (var c = lane; c < ${vocabulary}u; c += ${threads}u) { ${body} }`
  const gradient = `let factor = select(0f, weight[0], target_token >= 0);
  ${each(`let p = exp(logits[base + c] - logsumexp);
    logits[base + c] = factor * select(p, p - 1, i32(c) == target_token);`)}`
  const { code, workgroups } = rowwise(rows, threads, `let base = row * ${vocabulary}u;
  let target_token = targets[row];
  var top = -3e38f;
  ${each('top = max(top, logits[base + c]);')}
  top = largest(top);
  var sum = 0f;
  ${each('sum += exp(logits[base + c] - top);')}
  let logsumexp = top + log(total(sum));
  if (lane == 0u) { nll[row] = select(0f, logsumexp - logits[base + u32(max(target_token, 0))], target_token >= 0); }
  ${weight ? `${threads > 1 ? 'storageBarrier();' : ''}${gradient}` : ''}`, sizes)
  return {
    name: 'headLoss.crossEntropy',
    bindings: [
      { name: 'logits', type: 'array<f32>', buffer: logits, write: true },
      { name: 'targets', type: 'array<i32>', buffer: targets },
      { name: 'nll', type: 'array<f32>', buffer: nll, write: true },
      ...(weight ? [{ name: 'weight', type: 'array<f32>', buffer: weight }] : []),
      sizes.binding(constant),
    ],
    code,
    workgroups,
    flops: 6 * rows * vocabulary,
    bytes: 16 * rows * vocabulary,
  }
}

/** loss = lossIn + weight·Σ nll, in one workgroup and a fixed order. */
function lossSum(tokens: number, nll: BufferRef, { weight, lossIn }: Readonly<Record<string, BufferRef>>, loss: BufferRef): Dispatch {
  const inPlace = lossIn && lossIn.id === loss.id && lossIn.range?.offset === loss.range?.offset
  return {
    name: 'headLoss.loss',
    bindings: [
      { name: 'nll', type: 'array<f32>', buffer: nll },
      { name: 'weight', type: 'array<f32>', buffer: weight },
      ...(lossIn && !inPlace ? [{ name: 'before', type: 'array<f32>', buffer: lossIn }] : []),
      { name: 'loss', type: 'array<f32>', buffer: loss, write: true },
    ],
    code: `var<workgroup> sums: array<f32, 64>;
@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32) {
  var sum = 0f;
  for (var i = lane; i < ${tokens}u; i += 64u) { sum += nll[i]; }
  sums[lane] = sum;
  workgroupBarrier();
  if (lane > 0u) { return; }
  for (var i = 1u; i < 64u; i++) { sum += sums[i]; }
  loss[0] = ${lossIn ? `${inPlace ? 'loss' : 'before'}[0] + ` : ''}weight[0] * sum;
}`,
    workgroups: [1, 1, 1],
    flops: tokens,
    bytes: 4 * tokens,
  }
}

function slice(buffer: BufferRef, offset: number, size: number): BufferRef {
  return { ...buffer, range: { offset: (buffer.range?.offset ?? 0) + offset, size } }
}
