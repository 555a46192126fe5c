import type { GpuCapabilities } from '../../../backend/device.ts'
import { defaultTile } from '../../../backend/tuning/defaultTile.ts'
import { deviceFormats, formatOnDevice } from '../../../ops/wgsl/formats/index.ts'
import { residentRoles, sizeOf } from '../../plan.ts'
import type { BufferRole, Plan } from '../../plan.ts'
import { recordPlan } from './record.ts'
import { assignSlots } from './slots.ts'

/** Bytes that a plan takes on a GPU: exactly what the executor will ask WebGPU for. */
export interface PlannedMemory {
  /** Resident buffers by role; shared with other plans. */
  resident: Partial<Record<BufferRole, number>>
  /** Activations and scratch, reused by lifetime. */
  activations: number
  /** Inputs, outputs and constants. */
  own: number
  total: number
}

/** Works a plan's memory out without allocating anything, for any model that can be described. */
export function plannedMemory(plan: Plan, capabilities: GpuCapabilities): PlannedMemory {
  const resident: Partial<Record<BufferRole, number>> = {}
  let own = 0
  for (const { role, shape, view, format } of plan.buffers.values()) {
    if (role === 'activation' || view) continue
    const onDevice = formatOnDevice(role === 'weight' ? format ?? 'f32' : 'f32', shape)
    const rows = shape.length > 1 ? shape[0] : 1
    const bytes = 4 * (onDevice === 'f32' ? sizeOf(shape) : deviceFormats[onDevice].words(rows, sizeOf(shape) / rows))
    if (residentRoles.has(role)) resident[role] = (resident[role] ?? 0) + bytes
    else own += Math.ceil(bytes / 256) * 256
  }
  const recording = recordPlan(plan, {
    capabilities,
    tile: (shape) => defaultTile(shape, capabilities),
    weight: (name) => {
      const { shape, format } = plan.buffers.get(name)!
      return { format: formatOnDevice(format ?? 'f32', shape), parts: [{ first: 0, count: shape[0] }] }
    },
  })
  own += 256 * recording.constants.length
  const activations = assignSlots(plan, recording.scratch).sizes.reduce((sum, size) => sum + size, 0)
  const total = Object.values(resident).reduce((sum, bytes) => sum + bytes, 0) + activations + own
  return { resident, activations, own, total }
}
