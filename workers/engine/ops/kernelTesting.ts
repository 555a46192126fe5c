/** Runs one operation as its kernel and as its reference, on the same numbers. */
import { tf } from '../backend/tfjs.ts'
import type { Tensor } from '../backend/tfjs.ts'
import type { BufferSpec, NodeOf, Plan, PlanNode } from '../plan/plan.ts'
import type { Executor } from '../plan/execute/executor.ts'
import { packedBytes } from '../weights/packedTensor.ts'
import type { PackedTensor } from '../weights/packedTensor.ts'
import { unpack } from '../weights/formats/index.ts'
import type { OpAttributes, OpName } from './attributes.ts'
import { references } from './references.ts'
import { relativeError } from './testing.ts'

export interface KernelCase<N extends OpName> {
  op: N
  attrs: OpAttributes[N]
  inputs: Record<string, Tensor | PackedTensor>
  /** Shapes of the outputs that are wanted. */
  outputs: Record<string, readonly number[]>
  /** Outputs written over an input's own buffer: output port → input port. */
  inPlace?: Record<string, string>
}

/** Per output port, the norm of the difference over the norm of the reference. The executor's buffers are released. */
export async function kernelErrors<N extends OpName>(
  executor: Executor, { op, attrs, inputs, outputs, inPlace = {} }: KernelCase<N>,
): Promise<Record<string, number>> {
  const buffers = new Map<string, BufferSpec>()
  const data = new Map<string, Float32Array | Int32Array>()
  const tensors: Record<string, Tensor> = {}
  for (const [port, input] of Object.entries(inputs)) {
    if (isPacked(input)) {
      tensors[port] = tf.tensor(unpack(input), [...input.shape])
      executor.placeWeight(port, input)
      buffers.set(port, { name: port, shape: input.shape, dtype: 'float32', role: 'weight' })
    } else {
      tensors[port] = input
      data.set(port, input.dataSync() as Float32Array | Int32Array)
      buffers.set(port, { name: port, shape: input.shape, dtype: input.dtype as 'float32' | 'int32', role: 'state' })
    }
  }
  const names = Object.fromEntries(Object.keys(outputs).map((port) => [port, inPlace[port] ?? `out:${port}`]))
  for (const [port, shape] of Object.entries(outputs)) {
    if (!inPlace[port]) buffers.set(names[port], { name: names[port], shape, dtype: 'float32', role: 'state' })
  }
  const node = { op, attrs, inputs: Object.fromEntries(Object.keys(inputs).map((port) => [port, port])), outputs: names, scope: '' } as unknown as NodeOf<N>
  const plan: Plan = { name: op, buffers, nodes: [node as unknown as PlanNode] }
  const loaded = await executor.load(plan)
  for (const [name, values] of data) executor.write(name, values)
  await loaded.run()
  const expected = references[op](tensors, attrs, { wanted: new Set(Object.keys(outputs)), memo: (_key, make) => make() })
  const errors: Record<string, number> = {}
  for (const [port, shape] of Object.entries(outputs)) {
    const actual = await executor.read(names[port])
    errors[port] = relativeError(tf.tensor(actual, [...shape]), tf.reshape(expected[port], [...shape]))
    if (actual.some((value) => !Number.isFinite(value))) errors[port] = Infinity
  }
  loaded.dispose()
  executor.release('')
  return errors
}

/** A float32 tensor as a weight. */
export function asWeight(tensor: Tensor): PackedTensor {
  const values = Float32Array.from(tensor.dataSync())
  const bytes = new Uint8Array(values.buffer)
  if (bytes.length !== packedBytes('f32', tensor.shape)) throw new Error('Not a float32 tensor.')
  return { format: 'f32', shape: tensor.shape, bytes }
}

function isPacked(input: Tensor | PackedTensor): input is PackedTensor {
  return 'bytes' in input && 'format' in input
}
