import { attentionAttributes, bindLinear, frequencies, linearAttributes, weight } from './decoderContext.ts'
import type { BoundLinear, DecoderContext } from './decoderContext.ts'
import { tensorNames } from './linearLayers.ts'

/** The buffers of one layer's forward pass that its backward pass reads. */
export interface LayerActivations {
  input: string
  norm1: string
  rstd1: string
  /** Before QK norm and rotation; the same as the projections' outputs. */
  rawQ: string
  rawK: string
  /** Of the QK norms (Qwen 3). */
  rstdQ?: string
  rstdK?: string
  q: string
  k: string
  v: string
  attended: string
  logsumexp: string
  /** After the attention's residual. */
  middle: string
  norm2: string
  rstd2: string
  gate: string
  up: string
  activated: string
  /** x·aᵀ of each adapted layer, by projection. */
  xa: Partial<Record<BoundLinear['layer']['projection'], string>>
  /** Empty where the layer was computed again for its backward pass. */
  output: string
}

/** How keys and values reach the attention: within the batch (training), or from a cache (generation). */
export type AttentionMode = { kind: 'batch'; segments: string } | { kind: 'cache'; capacity: number }

/** Names of caches begin with this. */
export const cachePrefix = 'cache.'

/** x [T, hidden] from ids [T]. */
export function embedTokens(context: DecoderContext): string {
  const { builder, config, rows, length } = context
  const ids = builder.buffer('input', 'ids', [rows * length], 'int32')
  const x = builder.activation('embedded', [rows * length, config.hiddenSize])
  builder.node('embed', { ids, table: embeddingTable(context) }, { x }, {})
  return x
}

/**
 * One decoder layer's forward pass, appended to the plan under the builder's scope.
 *
 * @param again - computed again for the backward pass, which reads all but the
 *   layer's output: of the last product only x·aᵀ is computed then.
 */
export function forwardLayer(context: DecoderContext, layer: number, input: string, mode: AttentionMode, again = false): LayerActivations {
  const { builder, config } = context
  const tokens = context.rows * context.length
  const { hiddenSize } = config
  const positions = builder.buffer('input', 'positions', [tokens], 'int32')
  const xa: LayerActivations['xa'] = {}
  const project = (projection: BoundLinear['layer']['projection'], x: string, add?: string): string => {
    const bound = bindLinear(context, layer, projection)
    const y = builder.activation(projection, [tokens, bound.layer.out])
    if (bound.lora) xa[projection] = builder.activation(`${projection}.xa`, [tokens, bound.lora.module.rank])
    const { a, b, keys } = bound.lora ?? {}
    builder.node('linear', { x, w: bound.w, bias: bound.bias, add, a, b, keys }, { y, xa: xa[projection] }, linearAttributes(context, bound))
    return y
  }
  /** Only what the backward pass reads of a product whose result is not needed again. */
  const restate = (projection: BoundLinear['layer']['projection'], x: string): string => {
    const bound = bindLinear(context, layer, projection)
    if (bound.lora) {
      const { a, b, keys, module } = bound.lora
      const low = builder.activation(`${projection}.xa`, [tokens, module.rank])
      xa[projection] = low
      builder.node('linear', { x, w: bound.w, a, b, keys }, { xa: low }, linearAttributes(context, bound))
    }
    return ''
  }
  const [norm1, rstd1] = normalise(context, input, tensorNames.inputNorm(layer), hiddenSize, 'norm1')
  const rawQ = project('q_proj', norm1)
  const rawK = project('k_proj', norm1)
  const v = project('v_proj', norm1)
  const [normedQ, rstdQ] = config.qkNorm ? normalise(context, rawQ, tensorNames.queryNorm(layer), config.headDim, 'normQ') : [rawQ, undefined]
  const [normedK, rstdK] = config.qkNorm ? normalise(context, rawK, tensorNames.keyNorm(layer), config.headDim, 'normK') : [rawK, undefined]
  const rotate = (x: string, name: string): string => {
    const y = builder.activation(name, builder.shape(x))
    builder.node('rope', { x, positions, frequencies: frequencies(context) }, { y }, { headDim: config.headDim, inverse: false })
    return y
  }
  const q = rotate(normedQ, 'q')
  const k = rotate(normedK, 'k')
  const attended = builder.activation('attended', builder.shape(q))
  const logsumexp = builder.activation('logsumexp', [tokens * config.heads])
  if (mode.kind === 'batch') {
    builder.node('attention', { q, k, v, segments: mode.segments }, { o: attended, logsumexp }, attentionAttributes(context, layer))
  } else {
    const cached = (x: string, side: 'k' | 'v'): string => {
      const cache = builder.buffer('cache', `${cachePrefix}${side}.${layer}`, [mode.capacity, config.keyValueHeads * config.headDim])
      builder.node('cacheWrite', { x, positions, cacheIn: cache }, { cache }, {})
      return cache
    }
    const { rows: _, ...attributes } = attentionAttributes(context, layer)
    builder.node('cachedAttention', { q, k: cached(k, 'k'), v: cached(v, 'v'), positions }, { o: attended }, attributes)
  }
  const middle = project('o_proj', attended, input)
  const [norm2, rstd2] = normalise(context, middle, tensorNames.attentionNorm(layer), hiddenSize, 'norm2')
  const gate = project('gate_proj', norm2)
  const up = project('up_proj', norm2)
  const activated = builder.activation('activated', builder.shape(gate))
  builder.node('swiglu', { gate, up }, { y: activated }, {})
  const output = again ? restate('down_proj', activated) : project('down_proj', activated, middle)
  return {
    input, norm1, rstd1, rawQ, rawK, rstdQ, rstdK, q, k, v, attended, logsumexp, middle, norm2, rstd2, gate, up, activated, xa, output,
  }
}

/** The norm before the head. */
export function finalNorm(context: DecoderContext, x: string): { y: string; rstd: string } {
  const [y, rstd] = normalise(context, x, tensorNames.finalNorm, context.config.hiddenSize, 'finalNorm')
  return { y, rstd }
}

/** The head's weight, [vocabulary, hidden]; the embedding table where they are tied. */
export function headWeight(context: DecoderContext): string {
  const { config } = context
  return config.tiedEmbeddings ? embeddingTable(context) : weight(context, tensorNames.head, [config.vocabularySize, config.hiddenSize])
}

function embeddingTable(context: DecoderContext): string {
  return weight(context, tensorNames.embedding, [context.config.vocabularySize, context.config.hiddenSize])
}

function normalise(context: DecoderContext, x: string, weightName: string, size: number, name: string): [y: string, rstd: string] {
  const { builder, config } = context
  const [tokens, features] = builder.shape(x)
  const y = builder.activation(name, [tokens, features])
  const rstd = builder.activation(`${name}.rstd`, [(tokens * features) / size])
  builder.node('rmsNorm', { x, weight: weight(context, weightName, [size]) }, { y, rstd }, { epsilon: config.normEpsilon })
  return [y, rstd]
}
