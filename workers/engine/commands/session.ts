import type { Backend, ModelSource, Progress } from '../../protocol.ts'
import { loadModel } from '../model/loadModel.ts'
import type { LoadedModel } from '../model/loadModel.ts'
import type { WeightFormats } from '../model/decoderContext.ts'
import type { ModelConfig } from '../model/config.ts'
import type { Executor } from '../plan/execute/executor.ts'
import { openExecutor } from '../plan/execute/openExecutor.ts'
import type { OpenedExecutor } from '../plan/execute/openExecutor.ts'
import type { WebGpuOptions } from '../plan/execute/openWebgpuExecutor.ts'
import { Pace } from '../progress.ts'
import type { Tokenizer } from '../tokenizer/tokenizer.ts'
import { openModel } from '../weights/openModel.ts'
import type { OpenModelOptions } from '../weights/openModel.ts'

/** A base model on a device, with its tokenizer. */
export interface ReadyModel {
  model: LoadedModel
  tokenizer: Tokenizer
  fallbacks: string[]
}

export interface PrepareOptions extends Pick<OpenModelOptions, 'parameterLimit' | 'openFile' | 'signal'> {
  source: ModelSource
  backends: readonly Backend[]
  /** Bytes that may be taken; what the device has when not given. */
  budget?: number
  onLoading?: (file: string, progress: Progress) => void
}

/** A device and a base model of which only headers and tokenizer are read. */
export interface OpenedModel {
  config: ModelConfig
  parameters: number
  formats: WeightFormats
  tokenizer: Tokenizer
  executor: Executor
  fallbacks: string[]
  /** Brings the weights to the device. @throws {WeightsError} */
  load(): Promise<LoadedModel>
}

/** Keeps the device and the last base model, so that the next command finds them ready. */
export class Session {
  private opened: (OpenedExecutor & { wanted: string }) | null = null
  private ready: { key: string; value: ReadyModel } | null = null
  private readonly options: WebGpuOptions

  constructor(options: WebGpuOptions = {}) {
    this.options = options
  }

  /**
   * The model on the first backend that works.
   *
   * @throws {NoBackendError | WeightsError | ModelConfigError | TokenizerError}
   */
  async prepare(options: PrepareOptions): Promise<ReadyModel> {
    const opened = await this.open(options)
    return { model: await opened.load(), tokenizer: opened.tokenizer, fallbacks: opened.fallbacks }
  }

  /**
   * The first backend that works, and what there is to know of a model before
   * anything of it is allocated.
   *
   * @throws {NoBackendError | WeightsError | ModelConfigError | TokenizerError}
   */
  async open({ source, backends, budget, onLoading, ...options }: PrepareOptions): Promise<OpenedModel> {
    const wanted = `${backends.join()} ${budget}`
    const key = keyOf(source)
    if (this.ready?.key === key && this.opened?.wanted === wanted) {
      const { model, tokenizer, fallbacks } = this.ready.value
      const { config, parameters, formats, executor } = model
      return { config, parameters, formats, tokenizer, executor, fallbacks, load: () => Promise.resolve(model) }
    }
    let downloading: { file: string; pace: Pace } | undefined
    const onDownload = (file: string, done: number, total: number): void => {
      if (downloading?.file !== file) downloading = { file, pace: new Pace('bytes', total, done) }
      onLoading?.(file, downloading.pace.at(done))
    }
    const open = await openModel(source, { ...options, onDownload })
    const tokenizer = await open.tokenizer()
    if (this.opened?.wanted !== wanted) {
      this.reset()
      this.opened = { ...(await openExecutor(backends, { ...this.options, budget })), wanted }
    }
    const { executor, fallbacks } = this.opened
    const { id, config, parameters, tensors } = open
    const load = async (): Promise<LoadedModel> => {
      this.ready = null
      executor.release('')
      let pace: Pace | undefined
      const onBytes = (done: number, total: number): void => {
        pace ??= new Pace('bytes', total)
        onLoading?.(id, pace.at(done))
      }
      const model = await loadModel(open, executor, { signal: options.signal, onBytes })
      this.ready = { key, value: { model, tokenizer, fallbacks } }
      return model
    }
    return { config, parameters, formats: (name) => tensors.entries.get(name)?.format ?? 'f32', tokenizer, executor, fallbacks, load }
  }

  /** Lets go of the device, e.g. after it was lost. */
  reset(): void {
    this.opened?.executor.dispose()
    this.opened = null
    this.ready = null
  }
}

/** Names the bytes of a model: by hash, by address, or as the very same `Blob` that was given before. */
function keyOf({ id, files }: ModelSource): string {
  const parts = files.map(({ name, source, sha256 }) => `${name}=${sha256 ?? (typeof source === 'string' ? source : numberOf(source))}`)
  return [id, ...parts].join(' ')
}

const blobs = new WeakMap<Blob, number>()
let seenBlobs = 0

function numberOf(blob: Blob): string {
  const number = blobs.get(blob) ?? ++seenBlobs
  blobs.set(blob, number)
  return `blob ${number}`
}
