import type { OpAttributes, OpName } from './attributes.ts'

/** Shapes of a node's bound ports, inputs and outputs alike. */
export type PortShapes = Readonly<Record<string, readonly number[]>>

/**
 * What an operation is, for planners, checkers and profilers. Its arithmetic is
 * in `reference.ts` (plain tfjs) and `kernel.ts` (WGSL) beside it.
 *
 * Throughout, T = rows·length is the number of tokens; activations are
 * float32 `[T, features]`, row-major; weights are `[out, in]`.
 */
export interface OpDefinition<N extends OpName> {
  name: N
  /** Input ports that every node binds. */
  inputs: readonly string[]
  /** Input ports that a node may leave out. */
  optionalInputs: readonly string[]
  /** Output ports; a node binds those it wants. */
  outputs: readonly string[]
  /** Output port → input port whose buffer it may be. */
  inPlace?: Readonly<Record<string, string>>
  /** Floating-point operations, a multiply-add counting two; only what dominates. */
  flops(shapes: PortShapes, attrs: OpAttributes[N]): number
}
