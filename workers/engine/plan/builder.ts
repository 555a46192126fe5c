import { definitions } from '../ops/definitions.ts'
import type { OpAttributes, OpName } from '../ops/attributes.ts'
import type { BufferRole, BufferSpec, NodeOf, Plan, PlanNode } from './plan.ts'

/** A plan that contradicts itself; a defect of the code that made it. */
export class PlanError extends Error {
  override readonly name = 'PlanError'
}

/** Writes a plan down, node by node, checking ports and names as it goes. */
export class PlanBuilder {
  private readonly buffers = new Map<string, BufferSpec>()
  private readonly nodes: PlanNode[] = []
  private readonly written = new Set<string>()
  /** Prefix of activations and node scopes, e.g. `layers.3.`. */
  scope = ''

  /** Declares a buffer; declaring it again in the same words is fine. */
  declare(spec: BufferSpec): string {
    const known = this.buffers.get(spec.name)
    if (known && (known.role !== spec.role || known.shape.join() !== spec.shape.join())) {
      throw new PlanError(`Buffer ${spec.name} is ${known.role} [${known.shape}] and ${spec.role} [${spec.shape}].`)
    }
    if (!known) this.buffers.set(spec.name, spec)
    return spec.name
  }

  buffer(role: BufferRole, name: string, shape: readonly number[], dtype: BufferSpec['dtype'] = 'float32'): string {
    return this.declare({ name, shape, dtype, role })
  }

  /** An activation named inside the current scope. */
  activation(name: string, shape: readonly number[]): string {
    return this.buffer('activation', this.scope + name, shape)
  }

  shape(name: string): readonly number[] {
    const spec = this.buffers.get(name)
    if (!spec) throw new PlanError(`Buffer ${name} is not declared.`)
    return spec.shape
  }

  /** Appends a node. Ports given as undefined are left out. */
  node<N extends OpName>(op: N, inputs: Record<string, string | undefined>, outputs: Record<string, string | undefined>, attrs: OpAttributes[N]): void {
    const node = { op, inputs: bound(inputs), outputs: bound(outputs), attrs, scope: this.scope } as NodeOf<N>
    this.check(node)
    for (const name of Object.values(node.outputs)) this.written.add(name)
    this.nodes.push(node as PlanNode)
  }

  build(name: string): Plan {
    const nodes = withoutDeadNodes(this.nodes, this.buffers)
    const used = new Set(nodes.flatMap((node) => [...Object.values(node.inputs), ...Object.values(node.outputs)]))
    const buffers = new Map([...this.buffers].filter(([name, { role }]) => role !== 'activation' || used.has(name)))
    return { name, buffers, nodes }
  }

  private check<N extends OpName>(node: NodeOf<N>): void {
    const { inputs, optionalInputs, outputs, inPlace } = definitions[node.op]
    const where = `${node.scope}${node.op}`
    for (const port of inputs) if (!(port in node.inputs)) throw new PlanError(`${where} lacks its input ${port}.`)
    for (const [port, name] of Object.entries(node.inputs)) {
      if (!inputs.includes(port) && !optionalInputs.includes(port)) throw new PlanError(`${where} has no input ${port}.`)
      const spec = this.buffers.get(name)
      if (!spec) throw new PlanError(`${where} reads ${name}, which is not declared.`)
      if (spec.role === 'activation' && !this.written.has(name)) throw new PlanError(`${where} reads ${name} before it is written.`)
    }
    for (const [port, name] of Object.entries(node.outputs)) {
      if (!outputs.includes(port)) throw new PlanError(`${where} has no output ${port}.`)
      const spec = this.buffers.get(name)
      if (!spec) throw new PlanError(`${where} writes ${name}, which is not declared.`)
      const shared = Object.entries(node.inputs).find(([, input]) => input === name)
      if (shared && inPlace?.[port] !== shared[0]) throw new PlanError(`${where} cannot write ${port} over its input ${shared[0]}.`)
      if (!shared && this.written.has(name)) throw new PlanError(`${where} overwrites ${name}.`)
    }
  }
}

/** Leaves out what nobody reads, such as a layer's output when the layer is only computed again for its backward pass. */
function withoutDeadNodes(nodes: readonly PlanNode[], buffers: ReadonlyMap<string, BufferSpec>): PlanNode[] {
  const read = new Set<string>()
  const kept = nodes.toReversed().filter((node) => {
    const outputs = Object.values(node.outputs)
    if (outputs.every((name) => buffers.get(name)!.role === 'activation' && !read.has(name))) return false
    for (const name of Object.values(node.inputs)) read.add(name)
    return true
  })
  return kept.reverse()
}

function bound(ports: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(ports).filter((entry): entry is [string, string] => entry[1] !== undefined))
}
