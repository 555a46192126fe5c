import type { Backend } from '../../../protocol.ts'
import type { PackedTensor, TensorRows } from '../../weights/packedTensor.ts'
import type { BufferSpec, Plan } from '../plan.ts'

/**
 * Runs plans on one device. Resident buffers (weights, adapters, gradients,
 * moments, caches) live here, by name, and are shared by all loaded plans.
 */
export interface Executor {
  readonly backend: Backend
  /** The device in words, e.g. `SwiftShader (software)`. */
  readonly device: string
  /** Bytes that plans may take in all; Infinity where the device does not tell. */
  readonly budget: number
  /** Whether weights are unpacked to float32 for as long as they stay. */
  readonly unpacked: boolean
  /** Said before weights come, so that a device with little memory can keep them packed. */
  expectWeights(parameters: number): void
  /** Takes a weight, or its next rows; the bytes may be reused by the caller afterwards. */
  placeWeight(name: string, tensor: PackedTensor | TensorRows): void
  /** Makes resident buffers, zero, where they are not there yet (views come with their flat buffer). */
  allocate(specs: Iterable<BufferSpec>): void
  /** Overwrites a resident buffer. */
  write(name: string, data: Float32Array | Int32Array): void
  /** Sets a resident buffer to zero. */
  clear(name: string): void
  /** Waits for the device. @throws {DeviceLostError} */
  read(name: string): Promise<Float32Array>
  /** Frees a resident buffer, or all whose names start with `prefix`. */
  release(prefix: string): void
  /** Prepares a plan: allocates what it still needs, compiles, records. */
  load(plan: Plan): Promise<LoadedPlan>
  /** Bytes held now, resident and per plan. */
  bytes(): number
  dispose(): void
}

/** A plan with its own buffers, ready to run any number of times. */
export interface LoadedPlan {
  readonly plan: Plan
  /** Writes one of the plan's `input` buffers; it keeps its value until written again. */
  write(name: string, data: Float32Array | Int32Array): void
  /** Runs all nodes in order. Resolves when the work is submitted, not when it is done. */
  run(): Promise<void>
  /** An `output` buffer of the last run. @throws {DeviceLostError} */
  read(name: string): Promise<Float32Array>
  dispose(): void
}

/** The GPU went away (driver reset, sleep, too long a command): open a new executor and go on from a checkpoint. */
export class DeviceLostError extends Error {
  override readonly name = 'DeviceLostError'
  readonly advice = 'Training goes on from the last checkpoint on a new device; if that fails too, reload the page.'
}
