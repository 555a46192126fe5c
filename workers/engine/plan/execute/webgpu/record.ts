import type { Gpu } from '../../../backend/device.ts'
import type { OpName } from '../../../ops/attributes.ts'
import type { BufferRef, Dispatch, Kernel, KernelContext } from '../../../ops/kernel.ts'
import { kernels } from '../../../ops/kernels.ts'
import type { MatmulShape, MatmulTile } from '../../../ops/wgsl/tile.ts'
import type { NodeOf, Plan } from '../../plan.ts'
import { scratchName } from './slots.ts'
import type { WeightPart } from '../../../ops/wgsl/weightOperand.ts'
import type { WeightFormat } from '../../../weights/packedTensor.ts'

/** A plan as dispatches, before any memory or pipeline exists. */
export interface Recording {
  /** In order, each with its node's place in the model. */
  dispatches: { scope: string; dispatch: Dispatch }[]
  /** Per node, the scratch it wants: float32 elements by name. */
  scratch: Map<string, number>[]
  /** Fixed integers, each list one binding; their refs' ids are `constant:<index>`. */
  constants: (readonly number[])[]
}

export interface RecordOptions {
  capabilities: Gpu['capabilities']
  tile(shape: MatmulShape): MatmulTile
  /** How a weight lies on the device. */
  weight(name: string): { format: WeightFormat; parts: readonly WeightPart[] }
}

/** Turns each node into its kernel's dispatches. */
export function recordPlan(plan: Plan, options: RecordOptions): Recording {
  const constants: (readonly number[])[] = []
  const constantIds = new Map<string, number>()
  const scratch: Map<string, number>[] = []
  const dispatches = plan.nodes.flatMap((node, index) => {
    const wanted = new Map<string, number>()
    scratch.push(wanted)
    const ref = (name: string): BufferRef => {
      const { role } = plan.buffers.get(name)!
      return { id: name, format: role === 'weight' ? options.weight(name).format : 'f32' }
    }
    const refs = (ports: Readonly<Record<string, string>>) => mapValues(ports, ref)
    const context: KernelContext<OpName> = {
      attrs: node.attrs,
      inputs: refs(node.inputs),
      outputs: refs(node.outputs),
      shapes: mapValues({ ...node.inputs, ...node.outputs }, (name) => plan.buffers.get(name)!.shape),
      capabilities: options.capabilities,
      scratch: (name, elements) => {
        wanted.set(name, Math.max(elements, wanted.get(name) ?? 0))
        return { id: scratchName(index, name), format: 'f32' }
      },
      constant: (values) => {
        const key = values.join()
        const at = constantIds.get(key) ?? constants.push(values) - 1
        constantIds.set(key, at)
        return { id: `constant:${at}`, format: 'f32' }
      },
      tile: (shape) => options.tile(shape),
      parts: ({ id }) => options.weight(id).parts.map(({ first, count }) => ({ first, count })),
    }
    return runKernel(node as NodeOf<OpName>, context).map((dispatch) => ({ scope: node.scope, dispatch }))
  })
  return { dispatches, scratch, constants }
}

function runKernel<N extends OpName>(node: NodeOf<N>, context: KernelContext<N>): Dispatch[] {
  const kernel: Kernel<N> = kernels[node.op]
  return kernel(context)
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, f: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value)]))
}
