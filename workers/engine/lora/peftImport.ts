import type { AdapterFiles } from '../../protocol.ts'
import type { ModelConfig } from '../model/config.ts'
import { linearLayers } from '../model/linearLayers.ts'
import { unpack } from '../weights/formats/index.ts'
import { safetensorsModel } from '../weights/safetensorsModel.ts'
import type { NamedTensors } from '../weights/namedTensors.ts'
import { bytesSource } from '../weights/source.ts'
import type { Adapter } from './adapter.ts'
import { layoutOfRanks, loraScale } from './layout.ts'
import { AdapterError, parsePeftConfig } from './peftConfig.ts'

export interface ImportedAdapter {
  adapter: Adapter
  /** The id of the base it says it was made for. */
  baseModel: string | null
  rsLora: boolean
  dropout: number
}

/** `base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight`, also as older PEFT saved it (`….lora_A.default.weight`). */
const tensorName = /^base_model\.model\.(.{1,200})\.lora_([AB])\.(?:default\.)?weight$/

/**
 * Reads a PEFT adapter for a model. Files from strangers: sizes, names, shapes
 * and numbers are all checked before use.
 *
 * @param parameterLimit numbers that the adapter may have at most.
 * @throws {AdapterError} with the reason, in words for the person who gets it.
 */
export async function importPeft(files: AdapterFiles, config: ModelConfig, parameterLimit = 2 ** 31): Promise<ImportedAdapter> {
  const peft = parsePeftConfig(files['adapter_config.json'])
  const weights = files['adapter_model.safetensors']
  if (weights.length > 4 * parameterLimit + 2 ** 23) {
    throw new AdapterError(`adapter_model.safetensors has ${weights.length} bytes, too many for ${parameterLimit} parameters.`)
  }
  const tensors = await readTensors(weights)
  const places = placesOf(tensors)
  const layers = new Map(linearLayers(config).map((layer) => [layer.name, layer]))
  const ranks = new Map<string, { rank: number; scale: number }>()
  for (const [module, { a, b }] of places) {
    const layer = layers.get(module)
    if (!layer) throw new AdapterError(`The adapter changes ${module}, which is no linear layer of this base model.`)
    if (!peft.targets(module)) throw new AdapterError(`The adapter has matrices for ${module}, which its target_modules do not name.`)
    const { rank, alpha } = peft.sizeOf(module)
    checkShape(tensors, a, [rank, layer.in])
    checkShape(tensors, b, [layer.out, rank])
    ranks.set(module, { rank, scale: loraScale({ rank, alpha, rsLora: peft.rsLora }) })
  }
  const layout = layoutOfRanks(config, ranks)
  if (layout.parameters > parameterLimit) throw new AdapterError(`The adapter has ${layout.parameters} parameters, ${parameterLimit} are allowed.`)
  const adapter: Adapter = { layout, a: new Float32Array(layout.sizeA), b: new Float32Array(layout.sizeB) }
  for (const module of layout.modules) {
    const { a, b } = places.get(module.name)!
    adapter.a.set(await values(tensors, a), module.offsetA)
    adapter.b.set(await values(tensors, b), module.offsetB)
  }
  return { adapter, baseModel: peft.baseModel, rsLora: peft.rsLora, dropout: peft.dropout }
}

async function readTensors(weights: Uint8Array): Promise<NamedTensors> {
  try {
    return await safetensorsModel([bytesSource(weights, 'adapter_model.safetensors')])
  } catch (error) {
    throw new AdapterError((error as Error).message)
  }
}

/** The names of each module's A and B. */
function placesOf(tensors: NamedTensors): Map<string, { a: string; b: string }> {
  const places = new Map<string, Partial<Record<'A' | 'B', string>>>()
  for (const name of tensors.entries.keys()) {
    const match = tensorName.exec(name)
    if (!match) throw new AdapterError(`The adapter has a tensor ${name}, which is no LoRA matrix of a linear layer.`)
    const [, module, side] = match
    const place = places.get(module) ?? {}
    if (place[side as 'A' | 'B']) throw new AdapterError(`The adapter has matrix ${side} of ${module} twice.`)
    place[side as 'A' | 'B'] = name
    places.set(module, place)
  }
  if (!places.size) throw new AdapterError('The adapter has no matrices.')
  return new Map([...places].map(([module, { A, B }]) => {
    if (!A || !B) throw new AdapterError(`The adapter lacks matrix ${A ? 'B' : 'A'} of ${module}.`)
    return [module, { a: A, b: B }]
  }))
}

function checkShape(tensors: NamedTensors, name: string, expected: readonly number[]): void {
  const { shape } = tensors.entries.get(name)!
  if (shape.length !== 2 || shape.some((n, i) => n !== expected[i])) {
    throw new AdapterError(`${name} has shape [${shape.join(', ')}], [${expected.join(', ')}] is needed.`)
  }
}

async function values(tensors: NamedTensors, name: string): Promise<Float32Array> {
  const data = unpack(await tensors.read(name))
  const bad = data.findIndex((value) => !Number.isFinite(value))
  if (bad >= 0) throw new AdapterError(`${name} has a number that is not finite (value ${bad}).`)
  return data
}
