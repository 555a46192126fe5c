import type { DeviceCommand, DeviceEvent, DeviceFacts, ModelSource, Progress, StepProfile } from '../../workers/protocol.ts'
import { searching } from './searching.ts'
import { WorkerLine } from './workerLine.ts'

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
  readonly #line = new WorkerLine<DeviceCommand, DeviceEvent>(() => new Worker(new URL('../../workers/device.worker.ts', import.meta.url), { type: 'module' }))

  async describe(): Promise<DeviceFacts> {
    return (await this.#line.ask({ type: 'describe' }, 'described')).facts
  }

  /** Float32 operations and copied bytes per second, at best; takes about a second. */
  async measure(): Promise<{ flops: number; copyBytes: number }> {
    return this.#line.ask({ type: 'measure' }, 'measured')
  }

  async profile(step: ProfiledStep, options?: DeviceOptions): Promise<StepProfile> {
    return (await this.#line.ask({ type: 'profile', ...step }, 'profiled', told(options))).profile
  }

  /** Searches the fastest tiles anew. @returns kinds of products that were measured. */
  async tune(step: ProfiledStep, options?: DeviceOptions): Promise<number> {
    return (await this.#line.ask({ type: 'tune', ...step }, 'tuned', told(options))).kinds
  }

  dispose(): void {
    this.#line.dispose()
  }
}

/** What the worker tells on the way, in words. */
function told({ signal, onProgress }: DeviceOptions = {}) {
  const onEvent = (event: DeviceEvent) => {
    if (event.type === 'loading') onProgress?.(`Loading ${event.file}`, event.progress)
    else if (event.type === 'tuning') onProgress?.(searching(event), event.progress)
  }
  return { signal, onEvent }
}
