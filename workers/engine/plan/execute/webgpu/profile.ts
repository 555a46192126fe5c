import type { Step } from './recordedPlan.ts'

/** What one dispatch took. */
export interface KernelTime {
  /** The kernel, e.g. `linear.y`. */
  name: string
  /** Where in the model, e.g. `layers.3.`. */
  scope: string
  milliseconds: number
  flops: number
  bytes: number
}

/** Passes that one query set can hold. */
const passesPerSet = 2048

/** Runs the steps once, each in a pass of its own between two timestamps (`timestamp-query`). */
export async function profileDispatches(device: GPUDevice, steps: readonly Step[]): Promise<KernelTime[]> {
  if (!device.features.has('timestamp-query')) throw new ProfileUnavailableError('This device has no timestamp queries.')
  const times: KernelTime[] = []
  for (let from = 0; from < steps.length; from += passesPerSet) times.push(...await profileSome(device, steps.slice(from, from + passesPerSet)))
  return times
}

export class ProfileUnavailableError extends Error {
  override readonly name = 'ProfileUnavailableError'
  readonly advice = 'Time whole steps instead; in Chrome, --enable-unsafe-webgpu allows timestamps.'
}

async function profileSome(device: GPUDevice, steps: readonly Step[]): Promise<KernelTime[]> {
  const count = 2 * steps.length
  const querySet = device.createQuerySet({ type: 'timestamp', count })
  const resolved = device.createBuffer({ size: 8 * count, usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC })
  const staging = device.createBuffer({ size: 8 * count, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST })
  const encoder = device.createCommandEncoder()
  steps.forEach(({ pipeline, group, dispatch }, i) => {
    const pass = encoder.beginComputePass({ timestampWrites: { querySet, beginningOfPassWriteIndex: 2 * i, endOfPassWriteIndex: 2 * i + 1 } })
    pass.setPipeline(pipeline)
    pass.setBindGroup(0, group)
    pass.dispatchWorkgroups(...dispatch.workgroups)
    pass.end()
  })
  encoder.resolveQuerySet(querySet, 0, count, resolved, 0)
  encoder.copyBufferToBuffer(resolved, 0, staging, 0, 8 * count)
  device.queue.submit([encoder.finish()])
  await staging.mapAsync(GPUMapMode.READ)
  const stamps = new BigUint64Array(staging.getMappedRange().slice(0))
  for (const thing of [querySet, resolved, staging]) thing.destroy()
  return steps.map(({ scope, dispatch: { name, flops, bytes } }, i) => ({
    name, scope, flops, bytes, milliseconds: Number(stamps[2 * i + 1] - stamps[2 * i]) / 1e6,
  }))
}
