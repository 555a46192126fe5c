import type { ModelConfig } from '../model/config.ts'
import { linearLayers } from '../model/linearLayers.ts'
import { unpack } from '../weights/formats/index.ts'
import { readGgufHeader } from '../weights/gguf/header.ts'
import type { GgufHeader } from '../weights/gguf/header.ts'
import { huggingFaceName } from '../weights/gguf/names.ts'
import { fromLlamaRowOrder } from '../weights/gguf/rowOrder.ts'
import { bytesSource } from '../weights/source.ts'
import type { ByteSource } from '../weights/source.ts'
import type { Adapter } from './adapter.ts'
import { ggufArchitecture, reordersRows } from './ggufExport.ts'
import { layoutOfRanks } from './layout.ts'
import { AdapterError } from './peftConfig.ts'

/**
 * Reads a GGUF LoRA adapter for a model. A stranger's file: sizes, names,
 * shapes and numbers are all checked before use.
 *
 * @param parameterLimit numbers that the adapter may have at most.
 * @throws {AdapterError}
 */
export async function importGgufLora(bytes: Uint8Array, config: ModelConfig, parameterLimit = 2 ** 31): Promise<Adapter> {
  const source = bytesSource(bytes, 'the GGUF adapter')
  const header = await readHeader(source)
  const { metadata, tensors } = header
  const architecture = String(metadata.get('general.architecture'))
  if (metadata.get('general.type') !== 'adapter' || metadata.get('adapter.type') !== 'lora') throw new AdapterError('The GGUF file is no LoRA adapter.')
  if (architecture !== ggufArchitecture(config)) throw new AdapterError(`The adapter is for architecture "${architecture}", the base is ${ggufArchitecture(config)}.`)
  const alpha = metadata.get('adapter.lora.alpha')
  if (typeof alpha !== 'number' || !Number.isFinite(alpha) || alpha <= 0) throw new AdapterError(`The adapter's alpha is ${String(alpha)}.`)
  const layers = new Map(linearLayers(config).map((layer) => [layer.name, layer]))
  const ranks = new Map<string, { rank: number; scale: number }>()
  const places = new Map<string, { a: string; b: string }>()
  for (const name of tensors.keys()) {
    const match = /^(.+\.weight)\.lora_([ab])$/.exec(name)
    const module = match && huggingFaceName(match[1])?.replace(/\.weight$/, '')
    const layer = module ? layers.get(module) : undefined
    if (!match || !layer) throw new AdapterError(`The adapter has a tensor ${name}, which is no LoRA matrix of this base.`)
    if (match[2] === 'b') continue
    const b = `${match[1]}.lora_b`
    const rank = tensors.get(name)!.shape[0]
    if (rank > 512) throw new AdapterError(`${name} has rank ${rank}; at most 512 are supported.`)
    checkShape(header, name, [rank, layer.in])
    checkShape(header, b, [layer.out, rank])
    ranks.set(layer.name, { rank, scale: alpha / rank })
    places.set(layer.name, { a: name, b })
  }
  if (2 * places.size !== tensors.size || !places.size) throw new AdapterError('The adapter does not have one matrix B for each A.')
  const layout = layoutOfRanks(config, ranks)
  if (layout.parameters > parameterLimit) throw new AdapterError(`The adapter has ${layout.parameters} parameters, ${parameterLimit} are allowed.`)
  const adapter: Adapter = { layout, a: new Float32Array(layout.sizeA), b: new Float32Array(layout.sizeB) }
  for (const { name, offsetA, offsetB, out } of layout.modules) {
    const { a, b } = places.get(name)!
    adapter.a.set(await values(header, source, a), offsetA)
    const rows = await values(header, source, b)
    const moved = reordersRows(architecture, name) ? new Float32Array(fromLlamaRowOrder(new Uint8Array(rows.buffer), out, config.headDim).buffer) : rows
    adapter.b.set(moved, offsetB)
  }
  return adapter
}

async function readHeader(source: ByteSource): Promise<GgufHeader> {
  try {
    return await readGgufHeader(source)
  } catch (error) {
    throw new AdapterError((error as Error).message)
  }
}

function checkShape({ tensors }: GgufHeader, name: string, expected: readonly number[]): void {
  const shape = tensors.get(name)?.shape
  if (!shape) throw new AdapterError(`The adapter lacks ${name}.`)
  if (shape.length !== 2 || shape.some((n, i) => n !== expected[i])) {
    throw new AdapterError(`${name} has shape [${shape.join(', ')}], [${expected.join(', ')}] is needed.`)
  }
}

async function values({ tensors }: GgufHeader, source: ByteSource, name: string): Promise<Float32Array<ArrayBuffer>> {
  const { format, shape, offset, length } = tensors.get(name)!
  const data = unpack({ format, shape, bytes: await source.read(offset, length) })
  const bad = data.findIndex((value) => !Number.isFinite(value))
  if (bad >= 0) throw new AdapterError(`${name} has a number that is not finite (value ${bad}).`)
  return data
}
