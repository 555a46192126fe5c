import type { Binding, BufferRef } from '../kernel.ts'

/** Turns a size into WGSL: a literal, or a variable that holds it at run time. */
export type SizeText = (value: number) => string

/** Makes a buffer of fixed integers (a kernel's context does). */
export type Constant = (values: readonly number[]) => BufferRef

/** The size written out; for kernels that are cheap to compile. */
export const literal: SizeText = (value) => `${value}u`

/**
 * Sizes that a kernel reads as data, so that one compiled kernel serves all
 * shapes: a large register tile takes a driver up to a second to compile, and a
 * model has a dozen shapes of linear layers.
 *
 * Every call makes a new variable, also for equal values: the text must
 * not depend on which sizes happen to coincide.
 */
export class Sizes {
  private readonly values: number[] = []

  readonly of: SizeText = (value) => `size_${this.values.push(value) - 1}`

  /**
   * A variable's value read from its buffer, which WGSL knows to be the same in
   * all invocations: for conditions around barriers.
   */
  static uniform(variable: string): string {
    return variable.replace(/^size_(\d+)$/, (_, i) => element(Number(i)))
  }

  /** WGSL of the variables. */
  get declarations(): string {
    return this.values.map((_, i) => `var<private> size_${i}: u32;`).join('\n')
  }

  /** WGSL that fills them, once per invocation. */
  get prologue(): string {
    return this.values.map((_, i) => `size_${i} = ${element(i)};`).join(' ')
  }

  binding(constant: Constant): Binding {
    const quads = Math.ceil(this.values.length / 4)
    const padded = Array.from({ length: 4 * quads }, (_, i) => this.values[i] ?? 0)
    return { name: 'sizes', type: `array<vec4u, ${quads}>`, buffer: constant(padded), uniform: true }
  }
}

/** A uniform buffer holds arrays of vec4 only. */
function element(i: number): string {
  return `sizes[${i >> 2}].${'xyzw'[i & 3]}`
}
