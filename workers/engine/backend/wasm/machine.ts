import { commandWords, flopsPerRound, opPeak } from './assembly/operations.ts'
import { control, controlAddress, controlWords } from './control.ts'
import { Heap } from './heap.ts'
import { kernelModule } from './kernels.ts'
import type { KernelFunctions, KernelModule } from './kernels.ts'
import { startHelper } from './startHelper.ts'

const pageBytes = 65536
/** The most that a memory may have, tried in turn: address space is reserved for all of it, and phones have little. */
const maximumPages = [65536, 32768, 16384]

/** Bytes of the largest memory; a machine may get less. */
export const largestMemory = (maximumPages[0] - 1) * pageBytes

/** As many as the processor has, within reason; one where memory cannot be given to others. */
export function threadsHere(): number {
  return canShare() ? Math.min(8, globalThis.navigator?.hardwareConcurrency ?? 1) : 1
}

export interface MachineOptions {
  /** Threads wanted, this one included; one where memory cannot be given to others. */
  threads: number
  /** Multiply-adds in one rounding, where that is to be chosen. */
  fused?: boolean
}

/**
 * One WebAssembly memory, the kernels over it, and the threads that run them.
 * Threads need shared memory, which browsers let go to other threads only where
 * the page is cross-origin isolated; one thread works everywhere.
 */
export class WasmMachine {
  readonly threads: number
  readonly fused: boolean
  readonly heap: Heap
  /** Bytes that there can be. */
  readonly limit: number
  private readonly memory: WebAssembly.Memory
  private readonly functions: KernelFunctions
  private readonly helpers: (() => void)[]
  /** Scratch memories: one for each thread that was wanted, since each that came knows its number. */
  private readonly places: number
  /** Where commands and scratch memory are, and how much. */
  private readonly areas = { commands: { at: 0, bytes: 0 }, scratch: { at: 0, bytes: 0 } }

  /** @throws where WebAssembly has no SIMD. */
  static async open({ threads, fused }: MachineOptions): Promise<WasmMachine> {
    const shared = threads > 1 && canShare()
    const { memory, pages } = reserve(shared)
    const kernels = await kernelModule(shared, fused)
    const { exports } = await WebAssembly.instantiate(kernels.module, { env: { memory } })
    const start = (index: number) => startHelper({ module: kernels.module, memory, index })
    // A thread that cannot be had costs speed, no more.
    const wanted = shared ? threads : 1
    const started = await Promise.allSettled(Array.from({ length: wanted - 1 }, (_, i) => start(i + 1)))
    const helpers = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    // The last page stays free, so that no address is too large for 32 bits.
    return new WasmMachine(memory, (pages - 1) * pageBytes, kernels, exports as unknown as KernelFunctions, helpers, wanted)
  }

  private constructor(memory: WebAssembly.Memory, limit: number, { fused }: KernelModule, functions: KernelFunctions, helpers: (() => void)[], places: number) {
    this.memory = memory
    this.limit = limit
    this.fused = fused
    this.functions = functions
    this.helpers = helpers
    this.threads = helpers.length + 1
    this.places = places
    this.heap = new Heap(controlAddress + 4 * controlWords, limit, (end) => this.reach(end))
  }

  floats(address: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, length)
  }

  integers(address: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, address, length)
  }

  /**
   * Runs a list of commands (`assembly/command.ts`) on all threads; returns when all is done.
   *
   * @param scratchBytes - memory that each thread needs for itself.
   */
  run(commands: Int32Array, length: number, scratchBytes: number): void {
    const list = this.area('commands', commands.byteLength)
    const each = Math.ceil(scratchBytes / 64) * 64
    const scratch = this.area('scratch', each * this.places)
    this.integers(list, commands.length).set(commands)
    const words = this.integers(controlAddress, controlWords)
    words[control.commands] = list
    words[control.length] = length
    words[control.scratch] = scratch
    words[control.scratchBytes] = each
    if (this.helpers.length) {
      Atomics.store(words, control.pending, this.helpers.length)
      Atomics.add(words, control.generation, 1)
      Atomics.notify(words, control.generation)
    }
    this.functions.work(list, length, scratch)
    if (!this.helpers.length) return
    for (let pending = Atomics.load(words, control.pending); pending > 0; pending = Atomics.load(words, control.pending)) {
      Atomics.wait(words, control.pending, pending)
    }
  }

  /** Floating-point operations a second that all threads together can do at most: multiply-adds from registers alone. */
  measurePeak(): number {
    const rounds = 2e6
    const shares = 8 * this.threads
    const sums = this.heap.allocate(64 * shares)
    const command = new Int32Array(commandWords)
    command.set([opPeak, shares, 0, 0, sums, rounds])
    const rate = (): number => {
      const start = performance.now()
      this.run(command, 1, 0)
      return (1e3 * flopsPerRound * rounds * shares) / (performance.now() - start)
    }
    rate()
    const best = Math.max(rate(), rate(), rate())
    this.heap.release(sums)
    return best
  }

  dispose(): void {
    for (const end of this.helpers) end()
  }

  private area(name: keyof WasmMachine['areas'], bytes: number): number {
    const area = this.areas[name]
    if (area.bytes < bytes) {
      if (area.bytes) this.heap.release(area.at)
      area.at = this.heap.allocate(bytes)
      area.bytes = bytes
    }
    return area.at
  }

  private reach(end: number): void {
    const missing = end - this.memory.buffer.byteLength
    if (missing > 0) this.memory.grow(Math.ceil(missing / pageBytes))
  }
}

/** @throws {RangeError} where there is not even room for the smallest. */
function reserve(shared: boolean, [pages, ...smaller]: readonly number[] = maximumPages): { memory: WebAssembly.Memory; pages: number } {
  try {
    return { memory: new WebAssembly.Memory({ initial: 16, maximum: pages, shared }), pages }
  } catch (error) {
    if (!smaller.length) throw error
    return reserve(shared, smaller)
  }
}

/** Whether memory may go to other threads, and this one may wait for them (a page's own thread may not). */
function canShare(): boolean {
  if ('document' in globalThis || typeof SharedArrayBuffer === 'undefined') return false
  return 'process' in globalThis || globalThis.crossOriginIsolated
}
