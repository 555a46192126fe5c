/** What an operation's `wasm.ts` is given, and what it makes: commands of `backend/wasm/assembly`. */
import type { OpAttributes, OpName } from './attributes.ts'
import type { PortShapes } from './definition.ts'

/** Prepared by the host before each run, e.g. a table made from an input. */
export type Preparation = (memory: HostMemory) => void

/** The memory as the host sees it. */
export interface HostMemory {
  floats(address: number, length: number): Float32Array
  integers(address: number, length: number): Int32Array
}

export interface WasmKernelContext<N extends OpName> {
  attrs: OpAttributes[N]
  /** Bound ports' shapes, inputs and outputs alike. */
  shapes: PortShapes
  /** Address of a bound port's buffer, 0 where the port is not bound. A weight that is kept packed is unpacked for this node. */
  at(port: string): number
  /** Address of some rows of a weight; what is kept packed is unpacked no further than that. */
  rowsAt(port: string, first: number, count: number): number
  /** y [n, features] = rows `indices` [n] of a weight, or zeros where an index is -1. Addresses. */
  pick(port: string, indices: number, y: number, count: number): void
  /** Memory for this node alone. @returns its address. */
  scratch(floats: number): number
  /** Memory for the whole run, filled by the host before it; made once per key. */
  prepared(key: string, floats: number, make: (address: number) => Preparation): number
  /** Name of a bound port's buffer, for keys. */
  name(port: string): string
  /**
   * Appends a command.
   *
   * @param shares into how many shares it is cut; must not depend on the number of threads.
   * @param args words; numbers that are not whole by `float`.
   * @param scratchBytes memory that each thread needs for itself.
   */
  command(operation: number, shares: number, args: readonly number[], scratchBytes?: number): void
}

/** Appends the commands of one node. */
export type WasmKernel<N extends OpName> = (context: WasmKernelContext<N>) => void

const bits = new Int32Array(1)
const value = new Float32Array(bits.buffer)

/** A single-precision number as the word of a command. */
export function float(x: number): number {
  value[0] = x
  return bits[0]
}

/** How many blocks there are. */
export const blocks = (size: number, block: number): number => Math.ceil(size / block)
