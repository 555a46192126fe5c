import { opAttention, opAttentionBackward, opCachedAttention, panelBytes } from '../../backend/wasm/assembly/operations.ts'
import { blocks, float } from '../wasmKernel.ts'
import type { WasmKernel } from '../wasmKernel.ts'

/** Queries whose scores a thread holds at once. */
const block = 64

export const attentionWasm: WasmKernel<'attention'> = ({ attrs, shapes, at, command }) => {
  const { rows, heads, keyValueHeads, headDim, window, scale } = attrs
  const length = shapes.q[0] / rows
  command(opAttention, rows * heads * blocks(length, block), [
    at('q'), at('k'), at('v'), at('segments'), at('o'), at('logsumexp'),
    rows, length, heads, keyValueHeads, headDim, window, float(scale), block,
  ], panelBytes + 4 * block * length)
}

export const attentionBackwardWasm: WasmKernel<'attentionBackward'> = ({ attrs, shapes, at, command }) => {
  const { rows, heads, keyValueHeads, headDim, window, scale } = attrs
  const length = shapes.q[0] / rows
  command(opAttentionBackward, rows * keyValueHeads, [
    at('q'), at('k'), at('v'), at('o'), at('logsumexp'), at('do'), at('segments'), at('dq'), at('dk'), at('dv'),
    rows, length, heads, keyValueHeads, headDim, window, float(scale), block,
  ], panelBytes + 8 * block * length)
}

export const cachedAttentionWasm: WasmKernel<'cachedAttention'> = ({ attrs, shapes, at, command }) => {
  const { heads, keyValueHeads, headDim, window, scale } = attrs
  const [tokens] = shapes.q
  const [capacity] = shapes.k
  command(opCachedAttention, heads * blocks(tokens, block), [
    at('q'), at('k'), at('v'), at('positions'), at('o'), tokens, capacity, heads, keyValueHeads, headDim, window, float(scale), block,
  ], panelBytes + 4 * block * capacity)
}
