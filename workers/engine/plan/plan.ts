/**
 * A plan is a program over named buffers: what one training step, one scoring
 * pass or one generated token does, written down before anything runs.
 *
 * There is no tape. The backward pass is derived by hand (model/) and stands in
 * the plan like the forward pass. Because shapes and order are fixed, a plan can
 * be recorded once per shape and replayed (WebGPU), interpreted (tfjs), and
 * its memory computed without allocating anything (memory.ts). Whatever changes
 * from step to step - token ids, learning rates, dropout seeds - flows in
 * through `input` buffers.
 */
import type { WeightFormat } from '../weights/packedTensor.ts'
import type { OpAttributes, OpName } from '../ops/attributes.ts'

/**
 * What a buffer is for, which decides how long it lives.
 *
 * - Resident (shared by every plan on an executor, kept until released):
 *   `weight` (frozen, perhaps packed), `constant` (made from the configuration),
 *   `adapter`, `gradient`, `moment`, `cache` (keys and values), `state` (accumulators).
 * - Per plan: `input` (written before a run), `activation` (from its first writer
 *   to its last reader; the memory is reused after that), `output` (readable after a run).
 */
export type BufferRole =
  | 'weight' | 'constant' | 'adapter' | 'gradient' | 'moment' | 'cache' | 'state'
  | 'input' | 'activation' | 'output'

export const residentRoles: ReadonlySet<BufferRole> = new Set([
  'weight', 'constant', 'adapter', 'gradient', 'moment', 'cache', 'state',
])

export interface BufferSpec {
  /** Unique in the plan; resident buffers of one name are one buffer in all plans. */
  name: string
  shape: readonly number[]
  dtype: 'float32' | 'int32'
  role: BufferRole
  /** Weights only: how the bytes are packed. */
  format?: WeightFormat
  /**
   * This buffer is a part of a larger flat one: `offset` elements into `buffer`.
   * Offsets are multiples of `viewAlignment`, so that a GPU can bind them.
   */
  view?: { buffer: string; offset: number }
}

/** Elements by which views are aligned: 256 bytes, WebGPU's `minStorageBufferOffsetAlignment`. */
export const viewAlignment = 64

/**
 * One operation. `inputs` and `outputs` map the operation's ports to buffer
 * names. An output may name the same buffer as an input where the operation's
 * definition allows it (`inPlace`): accumulation and updates.
 *
 * Ports that are not bound are not computed: `linearBackward` without `dx`
 * makes no gradient of its input.
 */
export type PlanNode = { [N in OpName]: NodeOf<N> }[OpName]

export interface NodeOf<N extends OpName> {
  op: N
  inputs: Readonly<Record<string, string>>
  outputs: Readonly<Record<string, string>>
  attrs: OpAttributes[N]
  /** Where in the model the node is, e.g. `layers.3.backward`; for profiles. */
  scope: string
}

export interface Plan {
  /** What the plan does, for messages and profiles, e.g. `training 4x64`. */
  name: string
  buffers: ReadonlyMap<string, BufferSpec>
  /** In execution order. Every buffer is written by one node, except in place. */
  nodes: readonly PlanNode[]
}

/** Elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1)
}
