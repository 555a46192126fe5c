import type { Gpu } from '../../../backend/device.ts'
import type { Step } from './recordedPlan.ts'
import { submissions } from './submissions.ts'

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

/** One kernel over a whole run. */
export interface KernelSum {
  name: string
  dispatches: number
  milliseconds: number
  flops: number
  bytes: number
}

/** Adds up the dispatches of each kernel, the longest first. */
export function byKernel(times: readonly KernelTime[]): KernelSum[] {
  const sums = new Map<string, KernelSum>()
  for (const { name, milliseconds, flops, bytes } of times) {
    const sum = sums.get(name) ?? { name, dispatches: 0, milliseconds: 0, flops: 0, bytes: 0 }
    sums.set(name, { name, dispatches: sum.dispatches + 1, milliseconds: sum.milliseconds + milliseconds, flops: sum.flops + flops, bytes: sum.bytes + bytes })
  }
  return [...sums.values()].sort((a, b) => b.milliseconds - a.milliseconds)
}

/** Passes that one query set can hold. */
const passesPerSet = 2048

/** Runs the steps once, each in a pass of its own between two timestamps (`timestamp-query`). */
export async function profileDispatches({ device, capabilities }: Gpu, steps: readonly Step[]): Promise<KernelTime[]> {
  if (!device.features.has('timestamp-query')) throw new ProfileUnavailableError('This device has no timestamp queries.')
  const times: KernelTime[] = []
  for (const some of submissions(steps, capabilities, passesPerSet)) times.push(...await profileSome(device, some))
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
