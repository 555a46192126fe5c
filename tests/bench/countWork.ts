/** What was asked of WebGPU since counting began. */
export interface Work {
  dispatches: number
  submits: number
  /** Sizes of all buffers bound to the dispatches, added up: an upper bound on memory traffic, measured alike for all. */
  bytesBound: number
  pipelines: number
}

/** Counts dispatches on every device of this process or page; call once. */
export function countWork(): Work {
  const work: Work = { dispatches: 0, submits: 0, bytesBound: 0, pipelines: 0 }
  const bound = new WeakMap<GPUBindGroup, number>()
  const current = new WeakMap<GPUComputePassEncoder, number>()
  wrap(GPUDevice.prototype, 'createBindGroup', (call, [descriptor]) => {
    const group = call()
    bound.set(group, [...descriptor.entries].reduce((sum, { resource }) => sum + bytesOf(resource), 0))
    return group
  })
  wrap(GPUComputePassEncoder.prototype, 'setBindGroup', (call, [, group], pass) => {
    current.set(pass, group ? bound.get(group) ?? 0 : 0)
    return call()
  })
  wrap(GPUComputePassEncoder.prototype, 'dispatchWorkgroups', (call, _parameters, pass) => {
    work.dispatches++
    work.bytesBound += current.get(pass) ?? 0
    return call()
  })
  wrap(GPUQueue.prototype, 'submit', (call) => {
    work.submits++
    return call()
  })
  wrap(GPUDevice.prototype, 'createComputePipelineAsync', (call) => {
    work.pipelines++
    return call()
  })
  wrap(GPUDevice.prototype, 'createComputePipeline', (call) => {
    work.pipelines++
    return call()
  })
  return work
}

function bytesOf(resource: GPUBindingResource): number {
  if (resource instanceof GPUBuffer) return resource.size
  if (!('buffer' in resource)) return 0
  return resource.size ?? resource.buffer.size - (resource.offset ?? 0)
}

type Method<T, K extends keyof T> = T[K] extends (...parameters: infer P) => infer R ? { parameters: P; result: R } : never

function wrap<T extends object, K extends keyof T>(
  prototype: T, name: K, around: (call: () => Method<T, K>['result'], parameters: Method<T, K>['parameters'], self: T) => Method<T, K>['result'],
): void {
  const original = prototype[name] as (...parameters: unknown[]) => Method<T, K>['result']
  prototype[name] = function (this: T, ...parameters: unknown[]) {
    return around(() => original.apply(this, parameters), parameters as Method<T, K>['parameters'], this)
  } as T[K]
}
