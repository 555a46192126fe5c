import type { Backend } from '../../../protocol.ts'
import { tf } from '../../backend/tfjs.ts'
import type { Tensor } from '../../backend/tfjs.ts'
import type { OpName } from '../../ops/attributes.ts'
import { definitions } from '../../ops/definitions.ts'
import type { Reference, ReferenceContext } from '../../ops/reference.ts'
import { references } from '../../ops/references.ts'
import { unpack } from '../../weights/formats/index.ts'
import { asRows } from '../../weights/packedTensor.ts'
import type { PackedTensor, TensorRows } from '../../weights/packedTensor.ts'
import { PlanError } from '../builder.ts'
import { lastUses } from '../lifetimes.ts'
import { residentRoles } from '../plan.ts'
import type { BufferSpec, NodeOf, Plan } from '../plan.ts'
import type { Executor, LoadedPlan } from './executor.ts'
import { PackedWeights } from './packedWeights.ts'
import { fitsUnpacked } from './tfjsMemory.ts'
import { TfjsResident } from './tfjsResident.ts'
import { TensorWriter } from './tensorWriter.ts'

export interface TfjsExecutorOptions {
  backend: Backend
  /** The device in words. */
  device: string
  /** Bytes that may be taken; a WebAssembly heap has no more than its own. */
  budget?: number
  /** Operations done otherwise than by their reference, e.g. by a WebAssembly kernel. */
  overrides?: Partial<{ readonly [N in OpName]: Reference<N> }>
}

/** Interprets plans, node by node, with the references on the active tfjs backend. */
export class TfjsExecutor implements Executor {
  readonly backend: Backend
  readonly device: string
  /** A WebAssembly heap ends at 4 GiB, and tfjs's product keeps a second copy of its right side. */
  readonly budget: number
  /** Whether weights are kept in float32; otherwise packed, and unpacked anew for each use. */
  unpacked = true
  readonly resident = new TfjsResident()
  private readonly packed = new PackedWeights()
  /** Weights of which some rows are here. */
  private readonly arriving = new Map<string, TensorWriter>()
  readonly operations: { readonly [N in OpName]: Reference<N> }

  constructor({ backend, device, budget, overrides }: TfjsExecutorOptions) {
    this.backend = backend
    this.device = device
    this.budget = Math.min(budget ?? Number.POSITIVE_INFINITY, backend === 'wasm' ? 4 * 2 ** 30 : Number.POSITIVE_INFINITY)
    this.operations = { ...references, ...overrides }
  }

  expectWeights(parameters: number): void {
    this.unpacked = fitsUnpacked(parameters, this.budget)
  }

  placeWeight(name: string, tensor: PackedTensor | TensorRows): void {
    const rows = asRows(tensor)
    if (rows.first === 0) this.resident.declare({ name, shape: rows.of, dtype: 'float32', role: 'weight', format: rows.format })
    if (!this.unpacked) return this.packed.place(name, rows)
    const writer = this.arriving.get(name) ?? new TensorWriter(rows.of)
    const weight = writer.append(unpack(rows))
    if (!weight) return void this.arriving.set(name, writer)
    this.arriving.delete(name)
    this.resident.set(name, weight)
  }

  /** A weight that is kept packed, unpacked for one node; the caller's tidy disposes it. */
  unpackWeight(name: string): Tensor | undefined {
    const rows = this.packed.rows(name)
    if (!rows) return undefined
    let whole: Tensor | null = null
    let writer: TensorWriter | undefined
    for (const some of rows) whole = (writer ??= new TensorWriter(some.of)).append(unpack(some))
    return whole!
  }

  allocate(specs: Iterable<BufferSpec>): void {
    for (const spec of specs) if (residentRoles.has(spec.role)) this.resident.declare(spec)
  }

  write(name: string, data: Float32Array | Int32Array): void {
    this.expect(name)
    this.resident.set(name, toTensor(data, this.resident.shape(name)))
  }

  clear(name: string): void {
    this.expect(name)
    this.resident.clear(name)
  }

  async read(name: string): Promise<Float32Array> {
    this.expect(name)
    const tensor = this.resident.get(name)
    return tensor ? Float32Array.from(await tensor.data()) : new Float32Array(this.resident.shape(name).reduce((a, b) => a * b, 1))
  }

  release(prefix: string): void {
    this.resident.release(prefix)
    this.packed.release(prefix)
    for (const [name, writer] of this.arriving) {
      if (!name.startsWith(prefix)) continue
      writer.dispose()
      this.arriving.delete(name)
    }
  }

  load(plan: Plan): Promise<LoadedPlan> {
    for (const spec of plan.buffers.values()) {
      if (spec.role === 'weight' || spec.role === 'constant') this.expect(spec.name)
      else if (residentRoles.has(spec.role)) this.resident.declare(spec)
    }
    return Promise.resolve(new TfjsPlan(plan, this))
  }

  bytes(): number {
    return this.packed.bytes + tf.memory().numBytes
  }

  dispose(): void {
    this.release('')
  }

  private expect(name: string): void {
    if (!this.resident.has(name)) throw new PlanError(`Buffer ${name} is not on the device: place or allocate it first.`)
  }
}

class TfjsPlan implements LoadedPlan {
  readonly plan: Plan
  private readonly executor: TfjsExecutor
  private readonly ends: string[][]
  /** Inputs and outputs, and activations while a run needs them. */
  private readonly tensors = new Map<string, Tensor>()

  constructor(plan: Plan, executor: TfjsExecutor) {
    this.plan = plan
    this.executor = executor
    this.ends = lastUses(plan)
  }

  write(name: string, data: Float32Array | Int32Array): void {
    const spec = this.plan.buffers.get(name)
    if (spec?.role !== 'input') throw new PlanError(`${name} is no input of the plan "${this.plan.name}".`)
    this.set(name, toTensor(data, spec.shape))
  }

  run(): Promise<void> {
    const memos = new Map<string, Tensor>()
    const memo: ReferenceContext['memo'] = (key, make) => {
      const known = memos.get(key) ?? tf.keep(tf.tidy(make))
      memos.set(key, known)
      return known
    }
    try {
      this.plan.nodes.forEach((node, i) => {
        this.runNode(node as NodeOf<OpName>, memo)
        for (const name of this.ends[i]) this.drop(name)
      })
    } finally {
      for (const tensor of memos.values()) tensor.dispose()
    }
    return Promise.resolve()
  }

  async read(name: string): Promise<Float32Array> {
    const tensor = this.tensors.get(name)
    if (!tensor) throw new PlanError(`${name} has no value yet in the plan "${this.plan.name}".`)
    return Float32Array.from(await tensor.data())
  }

  dispose(): void {
    for (const name of [...this.tensors.keys()]) this.drop(name)
  }

  private runNode<N extends OpName>(node: NodeOf<N>, memo: ReferenceContext['memo']): void {
    const outputs = tf.tidy(() => {
      const inputs: Record<string, Tensor> = {}
      for (const [port, name] of Object.entries(node.inputs)) {
        const tensor = this.get(name)
        if (tensor) inputs[port] = tensor
        // Adding to a buffer that is zero is leaving it out.
        else if (!isAccumulator(node.op, port)) inputs[port] = tf.zeros([...this.plan.buffers.get(name)!.shape])
      }
      const operation = this.executor.operations[node.op] as Reference<N>
      const made = operation(inputs, node.attrs, { wanted: new Set(Object.keys(node.outputs)), memo })
      return Object.fromEntries(Object.keys(node.outputs).map((port) => [port, made[port]]))
    })
    for (const [port, name] of Object.entries(node.outputs)) {
      const { role } = this.plan.buffers.get(name)!
      if (residentRoles.has(role)) this.executor.resident.set(name, outputs[port])
      else this.set(name, outputs[port])
    }
  }

  private get(name: string): Tensor | undefined {
    const spec = this.plan.buffers.get(name)!
    if (residentRoles.has(spec.role)) return this.executor.resident.get(name) ?? this.executor.unpackWeight(name)
    const tensor = this.tensors.get(name)
    if (!tensor) throw new PlanError(`${name} was not written before the plan "${this.plan.name}" ran.`)
    return tensor
  }

  private set(name: string, tensor: Tensor): void {
    this.drop(name)
    this.tensors.set(name, tf.keep(tensor))
  }

  private drop(name: string): void {
    this.tensors.get(name)?.dispose()
    this.tensors.delete(name)
  }
}

function isAccumulator(op: OpName, port: string): boolean {
  const { optionalInputs, inPlace = {} } = definitions[op]
  return optionalInputs.includes(port) && Object.values(inPlace).includes(port)
}

function toTensor(data: Float32Array | Int32Array, shape: readonly number[]): Tensor {
  return tf.tensor(data, [...shape], data instanceof Int32Array ? 'int32' : 'float32')
}
