import type { Tensor } from '@tensorflow/tfjs-core'
import type { OpAttributes, OpName } from './attributes.ts'

/** Tensors by port. Optional ports may be missing. */
export type PortTensors = Readonly<Record<string, Tensor>>

/** What a reference may use besides its inputs. */
export interface ReferenceContext {
  /** Output ports that are wanted. */
  wanted: ReadonlySet<string>
  /**
   * A tensor that several nodes of one run share (a mask, rotation angles);
   * made once per run and key, disposed by the executor after the run. The key
   * must name every tensor id and attribute that it depends on.
   */
  memo(key: string, make: () => Tensor): Tensor
}

/**
 * An operation in plain tfjs, on whatever backend is active: the truth that
 * kernels are held against. Runs inside `tf.tidy`; only what it returns is kept.
 */
export type Reference<N extends OpName> = (
  inputs: PortTensors,
  attrs: OpAttributes[N],
  context: ReferenceContext,
) => Record<string, Tensor>
