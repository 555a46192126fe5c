/** GGUF's names of a decoder's parts and Hugging Face's. */
const top: readonly [gguf: string, huggingFace: string][] = [
  ['token_embd', 'model.embed_tokens'],
  ['output_norm', 'model.norm'],
  ['output', 'lm_head'],
]
const inLayer: readonly [gguf: string, huggingFace: string][] = [
  ['attn_norm', 'input_layernorm'],
  ['attn_q', 'self_attn.q_proj'],
  ['attn_k', 'self_attn.k_proj'],
  ['attn_v', 'self_attn.v_proj'],
  ['attn_output', 'self_attn.o_proj'],
  ['attn_q_norm', 'self_attn.q_norm'],
  ['attn_k_norm', 'self_attn.k_norm'],
  ['ffn_norm', 'post_attention_layernorm'],
  ['ffn_gate', 'mlp.gate_proj'],
  ['ffn_up', 'mlp.up_proj'],
  ['ffn_down', 'mlp.down_proj'],
]

const topFromGguf = new Map(top)
const layerFromGguf = new Map(inLayer)
const layerToGguf = new Map(inLayer.map(([gguf, huggingFace]) => [huggingFace, gguf]))

/** `blk.0.attn_q.weight` → `model.layers.0.self_attn.q_proj.weight`; null for tensors that are no weights here. */
export function huggingFaceName(name: string): string | null {
  const match = /^(?:blk\.(\d{1,4})\.)?(\w+)\.(weight|bias)$/.exec(name)
  if (!match) return null
  const [, layer, part, kind] = match
  const known = layer === undefined ? topFromGguf.get(part) : layerFromGguf.get(part)
  if (!known) return null
  return layer === undefined ? `${known}.${kind}` : `model.layers.${layer}.${known}.${kind}`
}

/** `model.layers.0.self_attn.q_proj` → `blk.0.attn_q`; null for what is in no layer. */
export function ggufLayerName(module: string): string | null {
  const match = /^model\.layers\.(\d{1,4})\.([\w.]+)$/.exec(module)
  const part = match && layerToGguf.get(match[2])
  return part ? `blk.${match[1]}.${part}` : null
}
