import type { Plan } from './plan.ts'

/** For each node, the activations that no later node reads: their memory is free after it. */
export function lastUses(plan: Plan): string[][] {
  const seen = new Set<string>()
  const result: string[][] = plan.nodes.map(() => [])
  for (let i = plan.nodes.length - 1; i >= 0; i--) {
    const { inputs, outputs } = plan.nodes[i]
    for (const name of [...Object.values(inputs), ...Object.values(outputs)]) {
      if (seen.has(name) || plan.buffers.get(name)!.role !== 'activation') continue
      seen.add(name)
      result[i].push(name)
    }
  }
  return result
}
