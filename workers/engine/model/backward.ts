import { viewsOf } from '../lora/layout.ts'
import { attentionAttributes, bindLinear, frequencies, linearAttributes, weight } from './decoderContext.ts'
import type { DecoderContext } from './decoderContext.ts'
import type { LayerActivations } from './forward.ts'
import { tensorNames } from './linearLayers.ts'
import type { Projection } from './linearLayers.ts'

/**
 * One decoder layer's backward pass, appended to the plan.
 *
 * @param dOutput - gradient of the layer's output, [T, hidden].
 * @param wantInput - whether anything below needs the gradient of the layer's input.
 * @returns the gradient of the layer's input, or null.
 */
export function backwardLayer(
  context: DecoderContext, layer: number, saved: LayerActivations, segments: string, dOutput: string, wantInput: boolean,
): string | null {
  const { builder, config } = context
  const like = (name: string, buffer: string) => builder.activation(name, builder.shape(buffer))
  const linear = (projection: Projection, dy: string, x: string, dx: string | undefined, accumulate = false): void =>
    backwardLinear(context, layer, saved, projection, dy, x, dx, accumulate)

  const dActivated = like('dActivated', saved.activated)
  linear('down_proj', dOutput, saved.activated, dActivated)
  const dGate = like('dGate', saved.gate)
  const dUp = like('dUp', saved.up)
  builder.node('swigluBackward', { dy: dActivated, gate: saved.gate, up: saved.up }, { dgate: dGate, dup: dUp }, {})
  const dNorm2 = like('dNorm2', saved.norm2)
  linear('gate_proj', dGate, saved.norm2, dNorm2)
  linear('up_proj', dUp, saved.norm2, dNorm2, true)
  const dMiddle = backwardNorm(context, dNorm2, saved.middle, saved.rstd2, tensorNames.attentionNorm(layer), 'dMiddle', dOutput)

  const dAttended = like('dAttended', saved.attended)
  linear('o_proj', dMiddle, saved.attended, dAttended)
  const [dq, dk, dv] = [like('dq', saved.q), like('dk', saved.k), like('dv', saved.v)]
  const { q, k, v, attended, logsumexp } = saved
  builder.node('attentionBackward', { q, k, v, o: attended, logsumexp, do: dAttended, segments }, { dq, dk, dv }, attentionAttributes(context, layer))
  const positions = builder.buffer('input', 'positions', [context.rows * context.length], 'int32')
  const unrotate = (x: string): void =>
    builder.node('rope', { x, positions, frequencies: frequencies(context) }, { y: x }, { headDim: config.headDim, inverse: true })
  unrotate(dq)
  unrotate(dk)
  const dRawQ = saved.rstdQ ? backwardNorm(context, dq, saved.rawQ, saved.rstdQ, tensorNames.queryNorm(layer), 'dRawQ') : dq
  const dRawK = saved.rstdK ? backwardNorm(context, dk, saved.rawK, saved.rstdK, tensorNames.keyNorm(layer), 'dRawK') : dk
  const dNorm1 = wantInput ? like('dNorm1', saved.norm1) : undefined
  linear('q_proj', dRawQ, saved.norm1, dNorm1)
  linear('k_proj', dRawK, saved.norm1, dNorm1, true)
  linear('v_proj', dv, saved.norm1, dNorm1, true)
  return dNorm1 ? backwardNorm(context, dNorm1, saved.input, saved.rstd1, tensorNames.inputNorm(layer), 'dInput', dMiddle) : null
}

/** The gradient through an RMSNorm, plus `add`. */
export function backwardNorm(
  context: DecoderContext, dy: string, x: string, rstd: string, weightName: string, name: string, add?: string,
): string {
  const { builder, config } = context
  const [groups] = builder.shape(rstd)
  const [tokens, features] = builder.shape(x)
  const size = (tokens * features) / groups
  const dx = builder.activation(name, [tokens, features])
  builder.node('rmsNormBackward', { dy, x, weight: weight(context, weightName, [size]), rstd, add }, { dx }, { epsilon: config.normEpsilon })
  return dx
}

function backwardLinear(
  context: DecoderContext, layer: number, saved: LayerActivations, projection: Projection,
  dy: string, x: string, dx: string | undefined, accumulate: boolean,
): void {
  const { builder, adapter } = context
  const bound = bindLinear(context, layer, projection)
  const dxIn = accumulate ? dx : undefined
  const attributes = linearAttributes(context, bound)
  if (!bound.lora || !adapter) {
    if (dx) builder.node('linearBackward', { dy, w: bound.w, dxIn }, { dx }, attributes)
    return
  }
  const { a, b, keys, module } = bound.lora
  const gradients = viewsOf(module, gradientPrefix(adapter.id), 'gradient')
  const da = builder.declare(gradients.a)
  const db = builder.declare(gradients.b)
  const inputs = { dy, w: bound.w, x, a, b, xa: saved.xa[projection], keys, dxIn, daIn: da, dbIn: db }
  builder.node('linearBackward', inputs, { dx, da, db }, attributes)
}

/** Prefix of the gradients of an adapter: `train.gradient.a`, `train.gradient.b`. */
export function gradientPrefix(adapterId: string): string {
  return `${adapterId}.gradient`
}
