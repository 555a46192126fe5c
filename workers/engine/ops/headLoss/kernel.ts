import type { BufferRef, Dispatch, Kernel, KernelContext } from '../kernel.ts'
import { matmul } from '../wgsl/matmul.ts'
import { floatOperand, floatReader, gradientScale } from '../wgsl/operand.ts'
import { rowwise, threadsPerRow } from '../wgsl/rowwise.ts'
import type { GpuCapabilities } from '../../backend/device.ts'
import type { Constant } from '../wgsl/sizes.ts'
import { Sizes } from '../wgsl/sizes.ts'
import { weightOperand } from '../wgsl/weightOperand.ts'

/** Tokens per pass are a multiple of this, so that every pass begins at a bindable offset. */
const tokenStep = 64

/**
 * Head and cross-entropy for a few tokens at a time: their logits go to
 * scratch, turn into gradients in place, and are multiplied back by the head.
 * Two products over the vocabulary, no logit computed twice. The reference
 * cuts the vocabulary into `pieces`; here the tokens are cut into as many, which
 * takes the same memory at most, so that a plan's figure holds for both.
 */
export const headLossKernel: Kernel<'headLoss'> = (context) => {
  const { attrs, inputs, outputs, shapes, scratch, parts, capabilities, constant } = context
  const [tokens, hidden] = shapes.x
  const [vocabulary] = shapes.w
  const pass = tokensPerPass(tokens, attrs.pieces)
  const logits = scratch('logits', pass * vocabulary)
  const dispatches: Dispatch[] = []
  const wanted = outputs.nll ?? scratch('nll', tokens)
  for (let from = 0; from < tokens; from += pass) {
    const count = Math.min(pass, tokens - from)
    const x = slice(inputs.x, from * hidden, count * hidden)
    for (const part of parts(inputs.w)) {
      const sizes = new Sizes()
      dispatches.push(...matmul(context, {
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
    dispatches.push(crossEntropy(constant, capabilities, {
      rows: count, vocabulary, logits,
      targets: slice(inputs.targets, from, count),
      nll: slice(wanted, from, count),
      weight: outputs.dx ? inputs.weight : null,
    }))
    if (!outputs.dx) continue
    const dx = slice(outputs.dx, from * hidden, count * hidden)
    parts(inputs.w).forEach((part, index) => {
      const sizes = new Sizes()
      dispatches.push(...matmul(context, {
        name: 'headLoss.dx', rows: count, columns: hidden, sizes,
        products: [{
          left: floatOperand({ name: 'logits', buffer: logits, columns: vocabulary, along: 'depth', size: sizes.of, firstColumn: part.first, halfScale: gradientScale }),
          right: weightOperand('w', inputs.w, part, hidden, 'side', sizes.of),
          depth: part.count,
        }],
        target: { name: 'dx', buffer: dx },
        declarations: index ? floatReader('dx', hidden, sizes.of) : '',
        value: index ? 'acc + dx_at(row, column)' : 'acc',
      }))
    })
  }
  if (outputs.loss) dispatches.push(lossSum(context, tokens, wanted, outputs.loss))
  return dispatches
}

/** Tokens whose logits exist at a time: a `pieces`th of all, rounded down to whole steps, but one step at least. */
function tokensPerPass(tokens: number, pieces: number): number {
  return pieces === 1 ? tokens : Math.min(tokens, Math.max(tokenStep, Math.floor(tokens / pieces / tokenStep) * tokenStep))
}

/** nll per row, and with `weight` the logits' gradient in their place. */
function crossEntropy(constant: Constant, capabilities: GpuCapabilities, { rows, vocabulary, logits, targets, nll, weight }: {
  rows: number; vocabulary: number
  logits: BufferRef; targets: BufferRef; nll: BufferRef; weight: BufferRef | null
}): Dispatch {
  const sizes = new Sizes()
  const threads = threadsPerRow(vocabulary, capabilities)
  const each = (body: string) => `for (var c = lane; c < ${vocabulary}u; c += ${threads}u) { ${body} }`
  const gradient = `let factor = select(0f, weight[0], target_token >= 0);
  ${each(`let p = exp(logits[base + c] - logsumexp);
    logits[base + c] = factor * select(p, p - 1, i32(c) == target_token);`)}`
  const { code, workgroups, directives } = rowwise(rows, threads, capabilities, `let base = row * ${vocabulary}u;
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
    directives,
    code,
    workgroups,
    flops: 6 * rows * vocabulary,
    bytes: 16 * rows * vocabulary,
  }
}

/** loss = lossIn + weight·Σ nll, in one workgroup and a fixed order. */
function lossSum({ capabilities, constant, inputs: { weight, lossIn } }: KernelContext<'headLoss'>, tokens: number, nll: BufferRef, loss: BufferRef): Dispatch {
  const inPlace = lossIn && lossIn.id === loss.id && lossIn.range?.offset === loss.range?.offset
  const sizes = new Sizes()
  const count = sizes.of(tokens)
  const { code, workgroups, directives } = rowwise(1, 64, capabilities, `var sum = 0f;
  for (var i = lane; i < ${count}; i += 64u) { sum += nll[i]; }
  sum = total(sum);
  if (lane == 0u) { loss[0] = ${lossIn ? `${inPlace ? 'loss' : 'before'}[0] + ` : ''}weight[0] * sum; }`, sizes)
  return {
    name: 'headLoss.loss',
    bindings: [
      { name: 'nll', type: 'array<f32>', buffer: nll },
      { name: 'weight', type: 'array<f32>', buffer: weight },
      ...(lossIn && !inPlace ? [{ name: 'before', type: 'array<f32>', buffer: lossIn }] : []),
      { name: 'loss', type: 'array<f32>', buffer: loss, write: true },
      sizes.binding(constant),
    ],
    directives,
    code,
    workgroups,
    flops: tokens,
    bytes: 4 * tokens,
  }
}

function slice(buffer: BufferRef, offset: number, size: number): BufferRef {
  return { ...buffer, range: { offset: (buffer.range?.offset ?? 0) + offset, size } }
}
