import { packedBytes } from '../weights/packedTensor.ts'
import { lastUses } from './lifetimes.ts'
import { sizeOf } from './plan.ts'
import type { BufferRole, BufferSpec, Plan } from './plan.ts'

/** Bytes of a buffer; a packed weight as its file holds it unless it is unpacked to float32. */
export function bufferBytes({ format, shape }: BufferSpec, unpacked: boolean): number {
  return format && !unpacked ? packedBytes(format, shape) : 4 * sizeOf(shape)
}

export interface PlanMemory {
  /** Bytes of resident buffers by role; views count as part of what they view. */
  resident: Partial<Record<BufferRole, number>>
  /** The most that inputs, outputs and activations take at one time. */
  peak: number
}

/** The memory that a plan needs, from the plan alone. */
export function memoryOf(plan: Plan, unpacked: boolean): PlanMemory {
  const resident: PlanMemory['resident'] = {}
  let standing = 0
  for (const spec of plan.buffers.values()) {
    if (spec.view || spec.role === 'activation') continue
    const bytes = bufferBytes(spec, unpacked)
    if (spec.role === 'input' || spec.role === 'output') standing += bytes
    else resident[spec.role] = (resident[spec.role] ?? 0) + bytes
  }
  const ends = lastUses(plan)
  const alive = new Set<string>()
  let now = standing
  let peak = standing
  plan.nodes.forEach((node, i) => {
    for (const name of Object.values(node.outputs)) {
      const spec = plan.buffers.get(name)!
      if (spec.role !== 'activation' || alive.has(name)) continue
      alive.add(name)
      now += bufferBytes(spec, unpacked)
    }
    peak = Math.max(peak, now)
    for (const name of ends[i]) if (alive.delete(name)) now -= bufferBytes(plan.buffers.get(name)!, unpacked)
  })
  return { resident, peak }
}
