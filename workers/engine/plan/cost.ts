import { definitions } from '../ops/definitions.ts'
import type { OpName } from '../ops/attributes.ts'
import type { OpDefinition } from '../ops/definition.ts'
import type { Plan, PlanNode } from './plan.ts'

/** Floating-point operations of one run of a plan, a multiply-add counting two. */
export function flopsOf(plan: Plan): number {
  return plan.nodes.reduce((sum, node) => sum + nodeFlops(plan, node), 0)
}

export function nodeFlops(plan: Plan, node: PlanNode): number {
  const ports = { ...node.inputs, ...node.outputs }
  const shapes = Object.fromEntries(Object.entries(ports).map(([port, name]) => [port, plan.buffers.get(name)!.shape]))
  return (definitions[node.op] as OpDefinition<OpName>).flops(shapes, node.attrs)
}
