/**
 * Adapters as llama.cpp takes them (`--lora`): a GGUF file whose tensors are
 * named after the base's with `.lora_a` and `.lora_b`, and one alpha for all;
 * the scale there is alpha/rank.
 */
import type { ModelConfig } from '../model/config.ts'
import { ggufLayerName } from '../weights/gguf/names.ts'
import { toLlamaRowOrder } from '../weights/gguf/rowOrder.ts'
import { writeGguf } from '../weights/gguf/write.ts'
import { matrices } from './adapter.ts'
import type { Adapter } from './adapter.ts'
import type { LoraModule } from './layout.ts'

/** llama.cpp's architecture for a family: Mistral is `llama` there. */
export function ggufArchitecture({ family }: ModelConfig): string {
  return family === 'mistral' ? 'llama' : family
}

/** Whether a file of this architecture has q's and k's rows in another order. */
export function reordersRows(architecture: string, module: string): boolean {
  return architecture === 'llama' && /\.[qk]_proj$/.test(module)
}

/** @param name goes into `general.name`. */
export function exportGgufLora(adapter: Adapter, config: ModelConfig, name: string): Uint8Array<ArrayBuffer> {
  const { modules } = adapter.layout
  const architecture = ggufArchitecture(config)
  const alpha = modules[0].scale * modules[0].rank
  const tensors = new Map<string, { shape: number[]; data: Float32Array }>()
  for (const module of modules) {
    const { a } = matrices(adapter, module)
    const base = ggufLayerName(module.name)!
    tensors.set(`${base}.weight.lora_a`, { shape: [module.rank, module.in], data: a })
    tensors.set(`${base}.weight.lora_b`, { shape: [module.out, module.rank], data: scaledB(adapter, module, alpha, architecture, config) })
  }
  return writeGguf({
    'general.architecture': { type: 'string', value: architecture },
    'general.type': { type: 'string', value: 'adapter' },
    'general.name': { type: 'string', value: name },
    'adapter.type': { type: 'string', value: 'lora' },
    'adapter.lora.alpha': { type: 'f32', value: alpha },
  }, tensors)
}

/** B in the file's row order; where a layer's own scale is not alpha/rank, B makes up for it. */
function scaledB(adapter: Adapter, module: LoraModule, alpha: number, architecture: string, { headDim }: ModelConfig): Float32Array {
  const factor = (module.scale * module.rank) / alpha
  const { b } = matrices(adapter, module)
  const scaled = factor === 1 ? b.slice() : b.map((value) => value * factor)
  if (!reordersRows(architecture, module.name)) return scaled
  return new Float32Array(toLlamaRowOrder(new Uint8Array(scaled.buffer), module.out, headDim).buffer)
}
