import type { MachineOptions } from '../../backend/wasm/machine.ts'
import { threadsHere, WasmMachine } from '../../backend/wasm/machine.ts'
import { asRows } from '../../weights/packedTensor.ts'
import type { PackedTensor, TensorRows } from '../../weights/packedTensor.ts'
import { PlanError } from '../builder.ts'
import { residentRoles, sizeOf } from '../plan.ts'
import type { BufferSpec, Plan } from '../plan.ts'
import type { Executor, LoadedPlan } from './executor.ts'
import { keepsFloats } from './wasm/plannedMemory.ts'
import { anyAddress, recordPlan } from './wasm/record.ts'
import type { Recording } from './wasm/record.ts'
import { WasmResident } from './wasm/resident.ts'

export interface WasmExecutorOptions extends Partial<MachineOptions> {
  /** Bytes that may be taken; never more than the memory can have. */
  budget?: number
}

/** Runs plans as lists of commands for our own WebAssembly kernels, on several threads where that is allowed. */
export class WasmExecutor implements Executor {
  readonly backend = 'wasm'
  readonly device: string
  readonly budget: number
  /** Whether weights are kept in float32; otherwise packed, and unpacked anew for each use. */
  unpacked = true
  readonly machine: WasmMachine
  readonly resident: WasmResident
  /** Activations and scratch memory of whichever plan runs. */
  private arena = { at: 0, bytes: 0 }

  /** @throws where WebAssembly has no SIMD. */
  static async open({ threads = threadsHere(), fused, budget }: WasmExecutorOptions = {}): Promise<WasmExecutor> {
    return new WasmExecutor(await WasmMachine.open({ threads, fused }), budget)
  }

  private constructor(machine: WasmMachine, budget = Number.POSITIVE_INFINITY) {
    this.machine = machine
    this.budget = Math.min(budget, machine.limit)
    this.resident = new WasmResident(machine)
    this.device = `WebAssembly with ${machine.fused ? 'fused ' : ''}SIMD, ${machine.threads === 1 ? 'one thread' : `${machine.threads} threads`}`
  }

  expectWeights(parameters: number): void {
    this.unpacked = keepsFloats(parameters, this.budget)
  }

  placeWeight(name: string, tensor: PackedTensor | TensorRows): void {
    this.resident.placeWeight(name, asRows(tensor), !this.unpacked)
  }

  allocate(specs: Iterable<BufferSpec>): void {
    const all = [...specs].filter(({ role }) => residentRoles.has(role))
    for (const views of [false, true]) for (const spec of all) if (!!spec.view === views) this.resident.allocate(spec)
  }

  write(name: string, data: Float32Array | Int32Array): void {
    const { at } = this.place(name)
    put(this.machine, at, data)
  }

  clear(name: string): void {
    this.view(name).fill(0)
  }

  read(name: string): Promise<Float32Array> {
    return Promise.resolve(Float32Array.from(this.view(name)))
  }

  release(prefix: string): void {
    this.resident.release(prefix)
  }

  load(plan: Plan): Promise<LoadedPlan> {
    for (const spec of plan.buffers.values()) if ((spec.role === 'weight' || spec.role === 'constant') && !this.resident.get(spec.name)) this.missing(spec.name)
    this.allocate([...plan.buffers.values()].filter(({ role }) => role !== 'weight' && role !== 'constant'))
    return Promise.resolve(new WasmPlan(plan, this))
  }

  bytes(): number {
    return this.machine.heap.used + this.resident.packedBytes
  }

  dispose(): void {
    this.release('')
    this.machine.dispose()
  }

  /** Address of an arena of at least so many bytes; it may be another one than before. */
  arenaOf(bytes: number): number {
    if (this.arena.bytes < bytes) {
      if (this.arena.bytes) this.machine.heap.release(this.arena.at)
      this.arena = { at: 0, bytes: 0 }
      this.arena = { at: this.machine.heap.allocate(bytes), bytes }
    }
    return this.arena.at
  }

  private view(name: string): Float32Array {
    const { at, shape } = this.place(name)
    return this.machine.floats(at, sizeOf(shape))
  }

  private place(name: string): { at: number; shape: readonly number[] } {
    const { at, shape } = this.resident.get(name) ?? this.missing(name)
    if (at === null) throw new PlanError(`Buffer ${name} is a packed weight and cannot be read or written.`)
    return { at, shape }
  }

  private missing(name: string): never {
    throw new PlanError(`Buffer ${name} is not on the device: place or allocate it first.`)
  }
}

class WasmPlan implements LoadedPlan {
  readonly plan: Plan
  private readonly executor: WasmExecutor
  /** Addresses of inputs and outputs. */
  private readonly own = new Map<string, number>()
  private readonly unwritten = new Set<string>()
  private recording: { arena: number; releases: number; recorded: Recording } | undefined
  private hasRun = false

  constructor(plan: Plan, executor: WasmExecutor) {
    this.plan = plan
    this.executor = executor
    for (const { name, role, shape } of plan.buffers.values()) {
      if (role !== 'input' && role !== 'output') continue
      this.own.set(name, executor.machine.heap.allocate(4 * sizeOf(shape)))
      if (role === 'input') this.unwritten.add(name)
    }
  }

  write(name: string, data: Float32Array | Int32Array): void {
    const spec = this.plan.buffers.get(name)
    if (spec?.role !== 'input') throw new PlanError(`${name} is no input of the plan "${this.plan.name}".`)
    if (data.length !== sizeOf(spec.shape)) throw new PlanError(`${name} has ${sizeOf(spec.shape)} elements in the plan "${this.plan.name}", ${data.length} were given.`)
    put(this.executor.machine, this.own.get(name)!, data)
    this.unwritten.delete(name)
  }

  run(): Promise<void> {
    for (const name of this.unwritten) throw new PlanError(`${name} was not written before the plan "${this.plan.name}" ran.`)
    const { machine } = this.executor
    const { preparations, parts, scratchBytes } = this.record()
    for (const prepare of preparations) prepare(machine)
    for (const part of parts) {
      if ('host' in part) part.host(machine)
      else machine.run(part.commands, part.length, scratchBytes)
    }
    this.hasRun = true
    return Promise.resolve()
  }

  read(name: string): Promise<Float32Array> {
    const at = this.own.get(name)
    if (at === undefined || !this.hasRun) throw new PlanError(`${name} has no value yet in the plan "${this.plan.name}".`)
    return Promise.resolve(Float32Array.from(this.executor.machine.floats(at, sizeOf(this.plan.buffers.get(name)!.shape))))
  }

  dispose(): void {
    for (const at of this.own.values()) this.executor.machine.heap.release(at)
    this.own.clear()
  }

  /** The commands, made again where the arena or a resident buffer may have moved since. */
  private record(): Recording {
    const at = (arena: number): Recording => recordPlan(this.plan, {
      arena,
      buffer: (name) => {
        const own = this.own.get(name)
        return own === undefined ? this.executor.resident.get(name) : { at: own, shape: this.plan.buffers.get(name)!.shape }
      },
      unpackRows: (name, range, address) => this.executor.resident.unpackRows(name, range, address),
    })
    const arena = this.executor.arenaOf((this.recording?.recorded ?? at(anyAddress)).arenaBytes)
    const { releases } = this.executor.resident
    if (this.recording?.arena !== arena || this.recording.releases !== releases) this.recording = { arena, releases, recorded: at(arena) }
    return this.recording.recorded
  }
}

function put(machine: WasmMachine, at: number, data: Float32Array | Int32Array): void {
  if (data instanceof Int32Array) machine.integers(at, data.length).set(data)
  else machine.floats(at, data.length).set(data)
}
