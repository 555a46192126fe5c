import type { Gpu } from '../../../backend/device.ts'
import type { Binding, Dispatch } from '../../../ops/kernel.ts'
import type { LoadedPlan } from '../executor.ts'
import { PlanError } from '../../builder.ts'
import { residentRoles, sizeOf } from '../../plan.ts'
import type { BufferSpec, Plan } from '../../plan.ts'
import type { BufferPool } from './pool.ts'
import type { Pipeline, PipelineCache } from './pipelines.ts'
import { profileDispatches } from './profile.ts'
import type { KernelTime } from './profile.ts'
import { readBack } from './readBack.ts'
import type { Recording } from './record.ts'
import type { GpuResident, Stretch } from './resident.ts'
import { assignSlots, scratchName } from './slots.ts'
import { submissions } from './submissions.ts'

/** WebGPU's `minStorageBufferOffsetAlignment`. */
const alignment = 256

/** A dispatch with its pipeline and its bindings in place. */
export interface Step {
  scope: string
  dispatch: Dispatch
  pipeline: GPUComputePipeline
  group: GPUBindGroup
}

interface Parts {
  gpu: Gpu
  plan: Plan
  recording: Recording
  resident: GpuResident
  pool: BufferPool
  pipelines: PipelineCache
}

/**
 * A plan on the GPU: pipelines, bind groups and memory made once; a run writes
 * the same dispatches down again and submits them, and makes nothing else.
 */
export class RecordedPlan implements LoadedPlan {
  readonly plan: Plan
  readonly steps: readonly Step[]
  private readonly submissions: readonly Step[][]
  private readonly gpu: Gpu
  private readonly pool: BufferPool
  private readonly slots: GPUBuffer[]
  private disposed = false
  /** Inputs and outputs, which keep their contents between runs, and constants. */
  private readonly own: ReadonlyMap<string, GPUBuffer>

  static async create(parts: Parts): Promise<RecordedPlan> {
    const { gpu: { device }, recording, pipelines } = parts
    const compiled = await Promise.all(recording.dispatches.map(({ dispatch }) => pipelines.get(dispatch)))
    device.pushErrorScope('out-of-memory')
    device.pushErrorScope('validation')
    const made = new RecordedPlan(parts, compiled)
    const problem = (await device.popErrorScope()) ?? (await device.popErrorScope())
    if (problem) {
      made.dispose()
      throw new PlanError(`The plan "${parts.plan.name}" does not fit the GPU: ${problem.message}`)
    }
    return made
  }

  private constructor({ gpu, plan, recording, resident, pool }: Parts, compiled: readonly Pipeline[]) {
    this.plan = plan
    this.gpu = gpu
    this.pool = pool
    const { device } = gpu
    const { sizes, slotOf } = assignSlots(plan, recording.scratch)
    this.slots = pool.take(sizes)
    const scratchSizes = new Map(recording.scratch.flatMap((names, node) => [...names].map(([name, elements]) => [scratchName(node, name), elements] as const)))
    const own = new Map<string, GPUBuffer>()
    for (const spec of plan.buffers.values()) {
      if (spec.role === 'input' || spec.role === 'output') own.set(spec.name, createBuffer(device, spec.name, 4 * sizeOf(spec.shape)))
    }
    recording.constants.forEach((values, i) => {
      const buffer = createBuffer(device, `constant:${i}`, 4 * values.length)
      device.queue.writeBuffer(buffer, 0, Int32Array.from(values))
      own.set(`constant:${i}`, buffer)
    })
    this.own = own
    const stretch = (binding: Binding): Stretch => {
      const { id, range } = binding.buffer
      const slot = slotOf.get(id)
      const whole = slot === undefined ? this.fixed(id, plan.buffers.get(id), resident, binding) : {
        buffer: this.slots[slot], offset: 0, bytes: 4 * (scratchSizes.get(id) ?? sizeOf(plan.buffers.get(id)!.shape)),
      }
      return range ? { buffer: whole.buffer, offset: whole.offset + 4 * range.offset, bytes: 4 * range.size } : whole
    }
    this.steps = recording.dispatches.map(({ scope, dispatch }, i) => ({
      scope,
      dispatch,
      pipeline: compiled[i].pipeline,
      group: device.createBindGroup({
        label: dispatch.name,
        layout: compiled[i].layout,
        entries: dispatch.bindings.map((binding, index) => {
          const { buffer, offset, bytes } = stretch(binding)
          return { binding: index, resource: { buffer, offset, size: Math.ceil(bytes / 4) * 4 } }
        }),
      }),
    }))
    this.submissions = submissions(this.steps, gpu.capabilities)
  }

  write(name: string, data: Float32Array | Int32Array): void {
    const spec = this.plan.buffers.get(name)
    if (spec?.role !== 'input') throw new PlanError(`${name} is no input of the plan "${this.plan.name}".`)
    if (data.length !== sizeOf(spec.shape)) throw new PlanError(`${name} takes ${sizeOf(spec.shape)} values, ${data.length} are given.`)
    this.gpu.device.queue.writeBuffer(this.own.get(name)!, 0, data as Float32Array<ArrayBuffer>)
  }

  /**
   * Submits all dispatches, in command buffers short enough for the watchdogs
   * that end GPU work after about two seconds.
   */
  run(): Promise<void> {
    const { device } = this.gpu
    for (const steps of this.submissions) {
      const encoder = device.createCommandEncoder({ label: this.plan.name })
      const pass = encoder.beginComputePass()
      for (const { pipeline, group, dispatch } of steps) {
        pass.setPipeline(pipeline)
        pass.setBindGroup(0, group)
        pass.dispatchWorkgroups(...dispatch.workgroups)
      }
      pass.end()
      device.queue.submit([encoder.finish()])
    }
    return Promise.resolve()
  }

  read(name: string): Promise<Float32Array> {
    const buffer = this.own.get(name)
    const spec = this.plan.buffers.get(name)
    if (!buffer || spec?.role !== 'output') throw new PlanError(`${name} is no output of the plan "${this.plan.name}".`)
    return readBack(this.gpu.device, buffer, 0, 4 * sizeOf(spec.shape))
  }

  /** Runs once with a timestamp around every dispatch. */
  profile(): Promise<KernelTime[]> {
    return profileDispatches(this.gpu, this.steps)
  }

  /** Bytes of inputs, outputs and constants; activations are the pool's. */
  bytes(): number {
    if (this.disposed) return 0
    return [...this.own.values()].reduce((sum, buffer) => sum + buffer.size, 0)
  }

  dispose(): void {
    if (this.disposed) return
    this.disposed = true
    this.pool.giveBack(this.slots)
    for (const buffer of this.own.values()) buffer.destroy()
  }

  private fixed(id: string, spec: BufferSpec | undefined, resident: GpuResident, { part }: Binding): Stretch {
    if (!spec || !residentRoles.has(spec.role)) {
      const buffer = this.own.get(id)!
      return { buffer, offset: 0, bytes: buffer.size }
    }
    const { parts } = resident.get(id)
    return parts.find(({ first }) => first === (part?.first ?? 0))!
  }
}

function createBuffer(device: GPUDevice, label: string, bytes: number): GPUBuffer {
  return device.createBuffer({
    label,
    size: Math.ceil(bytes / alignment) * alignment,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
  })
}
