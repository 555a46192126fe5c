import type { PlannedAdapter } from '../model/decoderContext.ts'
import type { Executor } from '../plan/execute/executor.ts'
import type { Adapter } from './adapter.ts'
import { flatBuffers, layoutKey } from './layout.ts'

/** Layout of the buffers of each adapter on each device. */
const residents = new WeakMap<Executor, Map<string, string>>()

/**
 * Puts an adapter on the device, beside others. Plans name adapters by id, so
 * switching is choosing another plan and the base stays where it is. An adapter
 * of the same id and layout is overwritten in place: plans made for it go on.
 */
export function placeAdapter(executor: Executor, id: string, { layout, a, b }: Adapter): PlannedAdapter {
  const known = residents.get(executor) ?? new Map<string, string>()
  residents.set(executor, known)
  const flat = flatBuffers(layout, id, 'adapter')
  if (known.get(id) !== layoutKey(layout)) {
    executor.release(`${id}.`)
    executor.allocate([flat.a, flat.b])
    known.set(id, layoutKey(layout))
  }
  executor.write(flat.a.name, a)
  executor.write(flat.b.name, b)
  return { id, layout, dropout: 0 }
}

/** Frees an adapter's memory; dispose plans that name it first. */
export function removeAdapter(executor: Executor, { id }: PlannedAdapter): void {
  executor.release(`${id}.`)
  residents.get(executor)?.delete(id)
}
