import type { GpuCapabilities } from '../backend/device.ts'
import type { WeightFormat } from '../weights/packedTensor.ts'
import type { OpAttributes, OpName } from './attributes.ts'
import type { MatmulTile, MatmulShape } from './wgsl/tile.ts'
import type { Constant } from './wgsl/sizes.ts'
import type { WeightPart } from './wgsl/weightOperand.ts'

/** A part of a GPU buffer, as a kernel sees it: something to bind and to compare. */
export interface BufferRef {
  /** Two refs with one id and range are the same memory. */
  id: string
  /** Only this stretch, in 32-bit words; the offset is a multiple of 64. The whole buffer when absent. */
  range?: { offset: number; size: number }
  /** What kernels read it as; packed weights say so. */
  format: WeightFormat
}

/** One buffer of a dispatch: `var<storage> name: type`. A kernel binds eight storage buffers at most, as every device allows. */
export interface Binding {
  name: string
  type: string
  buffer: BufferRef
  write?: boolean
  /** A uniform buffer instead; constants only. */
  uniform?: boolean
  /** The rows of a weight that lie in the bound buffer; the first (mostly only) part when absent. */
  part?: WeightPart
}

/**
 * One compute dispatch. Everything that distinguishes it - shapes, attributes,
 * tile sizes - is written into its text, so the text is the key under which
 * its pipeline is kept, and no two shapes can ever share one by mistake.
 */
export interface Dispatch {
  /** For profiles, e.g. `linear.y`. */
  name: string
  bindings: Binding[]
  /** What must stand first in the shader, e.g. `enable f16;`. */
  directives?: string[]
  /** WGSL without the bindings' declarations, with an entry point `main`. */
  code: string
  workgroups: readonly [number, number, number]
  /** Floating-point operations, a multiply-add counting two. */
  flops: number
  /** Bytes that must at least be moved. */
  bytes: number
}

/** What a kernel is given to turn one plan node into dispatches. */
export interface KernelContext<N extends OpName> {
  attrs: OpAttributes[N]
  inputs: Readonly<Record<string, BufferRef>>
  outputs: Readonly<Record<string, BufferRef>>
  /** Shapes of all bound ports. */
  shapes: Readonly<Record<string, readonly number[]>>
  capabilities: GpuCapabilities
  /** Memory for this node alone, in float32 elements. */
  scratch(name: string, elements: number): BufferRef
  /** Fixed integers as a buffer: for what differs between layers that should share a pipeline. */
  constant: Constant
  /** The tile that tuning chose for a product of this shape on this device. */
  tile(shape: MatmulShape): MatmulTile
  /** How a weight's rows lie in GPU buffers: each part is bound on its own. */
  parts(weight: BufferRef): WeightPart[]
}

/** An operation in WGSL: dispatches in order, each seeing what those before it wrote. */
export type Kernel<N extends OpName> = (context: KernelContext<N>) => Dispatch[]
