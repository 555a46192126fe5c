import type { Plan } from '../../plan.ts'
import { sizeOf } from '../../plan.ts'
import { lastUses } from '../../lifetimes.ts'

/** Activations and scratch mapped onto few buffers that are used again and again. */
export interface SlotPlan {
  /** Bytes of each slot. */
  sizes: number[]
  /** Activation name, or `scratch:<node>:<name>`, → slot. */
  slotOf: Map<string, number>
}

/** What a node needs only while it runs, in float32 elements by name. */
export type ScratchSizes = readonly ReadonlyMap<string, number>[]

/**
 * Gives each activation a slot from its first writer to its last reader. A
 * free slot is taken when it fits best; otherwise the largest free one grows,
 * or a new one is made. Inputs and outputs of one node never share a slot,
 * since WebGPU binds a written buffer only once.
 */
export function assignSlots(plan: Plan, scratch: ScratchSizes): SlotPlan {
  const ends = lastUses(plan)
  const sizes: number[] = []
  const free = new Set<number>()
  const slotOf = new Map<string, number>()

  function take(name: string, bytes: number): void {
    if (slotOf.has(name)) return
    const fitting = [...free].filter((slot) => sizes[slot] >= bytes).sort((a, b) => sizes[a] - sizes[b])
    const largest = [...free].sort((a, b) => sizes[b] - sizes[a])
    // A slot several times too large is better left to a buffer that needs it.
    const slot = fitting.find((candidate) => sizes[candidate] <= 4 * bytes + 65536) ?? (fitting.length ? undefined : largest.find((candidate) => sizes[candidate] * 2 >= bytes)) ?? sizes.push(0) - 1
    sizes[slot] = Math.max(sizes[slot], bytes)
    free.delete(slot)
    slotOf.set(name, slot)
  }

  plan.nodes.forEach((node, i) => {
    for (const name of Object.values(node.outputs)) {
      const spec = plan.buffers.get(name)!
      if (spec.role === 'activation') take(name, 4 * sizeOf(spec.shape))
    }
    for (const [name, elements] of scratch[i]) take(scratchName(i, name), 4 * elements)
    for (const name of ends[i]) free.add(slotOf.get(name)!)
    for (const name of scratch[i].keys()) free.add(slotOf.get(scratchName(i, name))!)
  })
  return { sizes, slotOf }
}

export function scratchName(node: number, name: string): string {
  return `scratch:${node}:${name}`
}
