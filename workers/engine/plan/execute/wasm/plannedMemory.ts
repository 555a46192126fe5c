import { packedBytes } from '../../../weights/packedTensor.ts'
import { residentRoles, sizeOf } from '../../plan.ts'
import type { BufferRole, Plan } from '../../plan.ts'
import { anyAddress, recordPlan } from './record.ts'

/** Bytes that a plan takes of the WebAssembly executor's memory. */
export interface PlannedWasmMemory {
  /** Resident buffers by role; shared with other plans. */
  resident: Partial<Record<BufferRole, number>>
  /** Activations and what operations need besides, reused by lifetime and by the next plan. */
  arena: number
  /** Inputs and outputs. */
  own: number
  /** For each thread. */
  scratch: number
}

/** Whether weights are kept in float32: with gradients, activations and all else they must fit into the memory. */
export function keepsFloats(parameters: number, budget: number): boolean {
  return 4 * parameters < 0.6 * budget
}

/** Works a plan's memory out by recording it at addresses that mean nothing. */
export function plannedWasmMemory(plan: Plan, unpacked: boolean): PlannedWasmMemory {
  const resident: PlannedWasmMemory['resident'] = {}
  let own = 0
  const staysPacked = (role: BufferRole, shape: readonly number[]): boolean => role === 'weight' && shape.length > 1 && !unpacked
  for (const { role, shape, view, format } of plan.buffers.values()) {
    if (role === 'activation' || view) continue
    const bytes = staysPacked(role, shape) ? packedBytes(format ?? 'f32', shape) : 4 * sizeOf(shape)
    if (residentRoles.has(role)) resident[role] = (resident[role] ?? 0) + bytes
    else own += bytes
  }
  const { arenaBytes, scratchBytes } = recordPlan(plan, {
    arena: anyAddress,
    buffer(name) {
      const { role, shape } = plan.buffers.get(name)!
      return { at: staysPacked(role, shape) ? null : anyAddress, shape }
    },
    unpackRows: () => undefined,
  })
  return { resident, arena: arenaBytes, own, scratch: scratchBytes }
}
