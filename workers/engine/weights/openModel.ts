/**
 * A model as the files it consists of, opened: its configuration and headers
 * are read and checked, its tensors and tokenizer wait to be asked for.
 */
import type { ModelFile, ModelSource } from '../../protocol.ts'
import type { ModelConfig } from '../model/config.ts'
import { configFromHuggingFace } from '../model/configFromHuggingFace.ts'
import { createTokenizer } from '../tokenizer/tokenizer.ts'
import { tokenizerFromGguf } from '../tokenizer/tokenizerFromGguf.ts'
import type { Tokenizer } from '../tokenizer/tokenizer.ts'
import { checkTensors, expectedTensors, parameterCount } from './expectedTensors.ts'
import { firstNotFinite } from './finite.ts'
import { ggufModel } from './gguf/model.ts'
import type { GgufModel } from './gguf/model.ts'
import type { NamedTensors } from './namedTensors.ts'
import { openModelFile } from './openModelFile.ts'
import type { OpenFileOptions } from './openModelFile.ts'
import type { RowRange, TensorRows } from './packedTensor.ts'
import { safetensorsModel, shardNames } from './safetensorsModel.ts'
import { WeightsError } from './source.ts'
import type { ByteSource } from './source.ts'

export interface OpenModel {
  id: string
  config: ModelConfig
  /** Parameters, a tied head counted once. */
  parameters: number
  tensors: NamedTensors
  tokenizer(): Promise<Tokenizer>
  /**
   * Every tensor the model needs, one by one in file order, large ones some rows
   * at a time; refuses NaN and infinite weights.
   *
   * @throws {WeightsError}
   */
  stream(options?: StreamOptions): AsyncGenerator<[name: string, rows: TensorRows], void>
}

export interface StreamOptions {
  signal?: AbortSignal
  /** Bytes of tensors so far and in all. */
  onBytes?: (done: number, total: number) => void
}

export interface OpenModelOptions {
  signal?: AbortSignal
  /** Parameters above which a model is refused. */
  parameterLimit?: number
  /** How a file becomes a source; by default {@link openModelFile}. */
  openFile?: (file: ModelFile, options: OpenFileOptions) => Promise<ByteSource>
  /** Bytes of a file that is being downloaded as a whole. */
  onDownload?: OpenFileOptions['onDownload']
}

/**
 * Opens a model: a GGUF file, or files in Hugging Face's layout.
 *
 * @throws {WeightsError | ModelConfigError | TokenizerError}
 */
export async function openModel(model: ModelSource, options: OpenModelOptions = {}): Promise<OpenModel> {
  const { signal, parameterLimit, openFile = openModelFile, onDownload } = options
  const open = async (name: string): Promise<ByteSource | null> => {
    const file = model.files.find((file) => file.name === name)
    return file ? openFile(file, { signal, onDownload }) : null
  }
  const gguf = await openGguf(model, open, signal)
  const config = gguf?.config ?? configFromHuggingFace(await json(await required(open, 'config.json')))
  const tensors = gguf?.tensors ?? (await safetensorsModel(await weightFiles(open), signal))
  checkTensors(config, tensors, parameterLimit)
  return {
    id: model.id,
    config,
    parameters: parameterCount(config),
    tensors,
    async tokenizer() {
      const own = await open('tokenizer.json')
      if (!own && gguf) return tokenizerFromGguf(gguf.header.metadata)
      const settings = await open('tokenizer_config.json')
      const template = await open('chat_template.jinja')
      return createTokenizer(
        await json(own ?? (await required(open, 'tokenizer.json'))),
        settings ? await json(settings) : {},
        template && (await text(template)),
      )
    },
    stream: (options) => streamTensors(config, tensors, options),
  }
}

type Open = (name: string) => Promise<ByteSource | null>

async function openGguf(model: ModelSource, open: Open, signal?: AbortSignal): Promise<GgufModel | null> {
  const names = model.files.map((file) => file.name).filter((name) => name.endsWith('.gguf'))
  if (names.length > 1) throw new WeightsError(`There are ${names.length} GGUF files: ${names.join(', ')}.`, 'Choose one of them.')
  return names.length ? ggufModel(await required(open, names[0]), signal) : null
}

async function weightFiles(open: Open): Promise<ByteSource[]> {
  const single = await open('model.safetensors')
  if (single) return [single]
  const index = await open('model.safetensors.index.json')
  if (!index) throw new WeightsError('The model has no model.safetensors and no model.safetensors.index.json.', 'Choose a folder with safetensors files or a GGUF file.')
  return Promise.all(shardNames(await json(index)).map((name) => required(open, name)))
}

async function required(open: Open, name: string): Promise<ByteSource> {
  const source = await open(name)
  if (!source) throw new WeightsError(`The model's file ${name} is missing.`, `Add ${name} to the chosen files.`)
  return source
}

/** Largest configuration, index or tokenizer file read into memory, in bytes. */
const textLimit = 64 * 2 ** 20

async function text(source: ByteSource): Promise<string> {
  if (source.size > textLimit) throw new WeightsError(`${source.name} has ${source.size} bytes, more than ${textLimit} are not read.`)
  return new TextDecoder().decode(await source.read(0, source.size))
}

async function json(source: ByteSource): Promise<unknown> {
  try {
    return JSON.parse(await text(source)) as unknown
  } catch (error) {
    if (error instanceof WeightsError) throw error
    throw new WeightsError(`${source.name} is not JSON: ${(error as Error).message}.`)
  }
}

async function* streamTensors(config: ModelConfig, tensors: NamedTensors, { signal, onBytes }: StreamOptions = {}): AsyncGenerator<[string, TensorRows], void> {
  const wanted = expectedTensors(config)
  const names = [...tensors.entries.keys()].filter((name) => wanted.has(name))
  const total = names.reduce((sum, name) => sum + tensors.entries.get(name)!.bytes, 0)
  let done = 0
  for (const name of names) {
    const of = tensors.entries.get(name)!.shape
    for (const rows of pieces(of, config.headDim)) {
      const tensor = await tensors.read(name, signal, rows)
      const bad = firstNotFinite(tensor)
      if (bad !== null) throw new WeightsError(`Tensor ${name} has a weight that is no finite number (value ${bad} from row ${rows.first} on).`)
      done += tensor.bytes.length
      onBytes?.(done, total)
      yield [name, { ...tensor, first: rows.first, of }]
    }
  }
}

/** Values that are read at once, so that JS never holds more of a model. */
const valuesAtOnce = 2 ** 22

/** A tensor's rows in stretches, of whole heads where there is more than one. */
function pieces([rows, ...rest]: readonly number[], headDim: number): RowRange[] {
  const columns = rest.reduce((product, n) => product * n, 1)
  if (rows * columns <= valuesAtOnce) return [{ first: 0, count: rows }]
  const count = Math.max(1, Math.floor(valuesAtOnce / (columns * headDim))) * headDim
  return Array.from({ length: Math.ceil(rows / count) }, (_, i) => ({ first: i * count, count: Math.min(count, rows - i * count) }))
}
