import type { DeviceCommand, DeviceEvent, DeviceFacts, ModelSource, Progress, StepProfile } from '../../workers/protocol.ts'
import { EngineError, workerStopped } from './engineError.ts'

type WithoutRun<T> = T extends unknown ? Omit<T, 'runId'> : never
type Question = WithoutRun<Exclude<DeviceCommand, { type: 'cancel' }>>

/** What is to be profiled or tuned. */
export interface ProfiledStep {
  model: ModelSource
  rows: number
  length: number
  rank: number
}

export interface DeviceOptions {
  signal?: AbortSignal
  onProgress?: (what: string, progress: Progress) => void
}

/** The GPU behind a worker of its own; dispose it to free the GPU. */
export class Device {
  #worker: Worker | null = null

  async describe(): Promise<DeviceFacts> {
    return (await this.#ask<'described'>({ type: 'describe' })).facts
  }

  /** Float32 operations and copied bytes per second, at best; takes about a second. */
  async measure(): Promise<{ flops: number; copyBytes: number }> {
    return this.#ask<'measured'>({ type: 'measure' })
  }

  async profile(step: ProfiledStep, options?: DeviceOptions): Promise<StepProfile> {
    return (await this.#ask<'profiled'>({ type: 'profile', ...step }, options)).profile
  }

  /** Searches the fastest tiles anew. @returns kinds of products that were measured. */
  async tune(step: ProfiledStep, options?: DeviceOptions): Promise<number> {
    return (await this.#ask<'tuned'>({ type: 'tune', ...step }, options)).kinds
  }

  dispose(): void {
    this.#worker?.terminate()
    this.#worker = null
  }

  #ask<T extends DeviceEvent['type']>(question: Question, { signal, onProgress }: DeviceOptions = {}): Promise<Extract<DeviceEvent, { type: T }>> {
    const worker = (this.#worker ??= new Worker(new URL('../../workers/device.worker.ts', import.meta.url), { type: 'module' }))
    const runId = crypto.randomUUID()
    return new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => worker.postMessage({ type: 'cancel', runId } satisfies DeviceCommand), { once: true })
      worker.addEventListener('error', (event) => {
        this.#worker = null
        reject(workerStopped(event))
      })
      worker.addEventListener('message', ({ data }: MessageEvent<DeviceEvent>) => {
        if (data.runId !== runId) return
        if (data.type === 'loading') onProgress?.(`Loading ${data.file}`, data.progress)
        else if (data.type === 'tuning') onProgress?.('Searching', data.progress)
        else if (data.type === 'failed') reject(new EngineError(data.error))
        else if (data.type === 'cancelled') reject(signal?.reason as Error)
        else resolve(data as Extract<DeviceEvent, { type: T }>)
      })
      worker.postMessage({ ...question, runId } as DeviceCommand)
    })
  }
}
