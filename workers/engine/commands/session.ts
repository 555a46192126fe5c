import type { Backend, ModelSource, Progress } from '../../protocol.ts'
import { loadModel } from '../model/loadModel.ts'
import type { LoadedModel } from '../model/loadModel.ts'
import { openExecutor } from '../plan/execute/openExecutor.ts'
import type { OpenedExecutor } from '../plan/execute/openExecutor.ts'
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
  onLoading?: (file: string, progress: Progress) => void
}

/** Keeps the device and the last base model, so that the next command finds them ready. */
export class Session {
  private opened: (OpenedExecutor & { wanted: string }) | null = null
  private ready: { key: string; value: ReadyModel } | null = null

  /**
   * The model on the first backend that works.
   *
   * @throws {NoBackendError | WeightsError | ModelConfigError | TokenizerError}
   */
  async prepare({ source, backends, onLoading, ...options }: PrepareOptions): Promise<ReadyModel> {
    const wanted = backends.join()
    const key = keyOf(source)
    if (key && this.ready?.key === key && this.opened?.wanted === wanted) return this.ready.value
    let downloading: { file: string; pace: Pace } | undefined
    const onDownload = (file: string, done: number, total: number): void => {
      if (downloading?.file !== file) downloading = { file, pace: new Pace('bytes', total, done) }
      onLoading?.(file, downloading.pace.at(done))
    }
    const open = await openModel(source, { ...options, onDownload })
    const tokenizer = await open.tokenizer()
    if (this.opened?.wanted !== wanted) {
      this.reset()
      this.opened = { ...(await openExecutor(backends)), wanted }
    }
    const { executor, fallbacks } = this.opened
    this.ready = null
    executor.release('')
    const file = open.id
    let pace: Pace | undefined
    const onBytes = (done: number, total: number): void => {
      pace ??= new Pace('bytes', total)
      onLoading?.(file, pace.at(done))
    }
    const model = await loadModel(open, executor, { signal: options.signal, onBytes })
    const value = { model, tokenizer, fallbacks }
    this.ready = { key, value }
    return value
  }

  /** Lets go of the device, e.g. after it was lost. */
  reset(): void {
    this.opened?.executor.dispose()
    this.opened = null
    this.ready = null
  }
}

/** Names the bytes of a model; empty when they cannot be told from others (files without a hash or an address). */
function keyOf({ id, files }: ModelSource): string {
  const parts = files.map(({ name, source, sha256 }) => `${name}=${sha256 ?? (typeof source === 'string' ? source : '')}`)
  return parts.some((part) => part.endsWith('=')) ? '' : [id, ...parts].join(' ')
}
