import { commandWords, headerWords, opRows } from '../../../backend/wasm/assembly/operations.ts'
import { blocks } from '../../../ops/wasmKernel.ts'
import type { Preparation, WasmKernel, WasmKernelContext } from '../../../ops/wasmKernel.ts'
import { wasmKernels } from '../../../ops/wasmKernels.ts'
import type { OpName } from '../../../ops/attributes.ts'
import type { RowRange } from '../../../weights/packedTensor.ts'
import { lastUses } from '../../lifetimes.ts'
import { sizeOf } from '../../plan.ts'
import type { Plan } from '../../plan.ts'
import type { Resident } from './resident.ts'
import { Spans } from './spans.ts'

/** What a plan has become: the host's work and lists of commands, in turns. */
export interface Recording {
  /** Made anew from the inputs before each run. */
  preparations: Preparation[]
  parts: ({ host: Preparation } | { commands: Int32Array; length: number })[]
  /** Bytes of activations and scratch memory. */
  arenaBytes: number
  /** Bytes that each thread needs for itself. */
  scratchBytes: number
}

export interface RecordingPlaces {
  /** Address of the arena. */
  arena: number
  /** Places of resident buffers, inputs and outputs; undefined for activations. */
  buffer(name: string): Resident | undefined
  /** Unpacks rows of a packed weight to an address. */
  unpackRows(name: string, range: RowRange, at: number): void
}

/** Where everything lies in a recording that is only measured; 0 would mean that a port is not bound. */
export const anyAddress = 64

/** Turns a plan into commands, with addresses, once. */
export function recordPlan(plan: Plan, places: RecordingPlaces): Recording {
  const spans = new Spans()
  const activations = new Map<string, number>()
  const preparedAt = new Map<string, number>()
  const recording: Recording = { preparations: [], parts: [], arenaBytes: 0, scratchBytes: 0 }
  let words: number[] = []
  const endPart = (): void => {
    if (words.length) recording.parts.push({ commands: Int32Array.from(words), length: words.length / commandWords })
    words = []
  }
  const host = (work: Preparation): void => {
    endPart()
    recording.parts.push({ host: work })
  }
  const ends = lastUses(plan)
  const shape = (name: string) => plan.buffers.get(name)!.shape
  plan.nodes.forEach((node, index) => {
    const held: [at: number, bytes: number][] = []
    const ports: Record<string, string> = { ...node.inputs, ...node.outputs }
    const scratch = (floats: number): number => {
      const at = spans.take(4 * floats)
      held.push([at, 4 * floats])
      return places.arena + at
    }
    for (const name of Object.values(node.outputs)) {
      if (plan.buffers.get(name)!.role === 'activation' && !activations.has(name)) activations.set(name, places.arena + spans.take(4 * sizeOf(shape(name))))
    }
    const command: WasmKernelContext<OpName>['command'] = (operation, shares, args, scratchBytes = 0) => {
      if (args.length > commandWords - headerWords) throw new Error(`${args.length} arguments are too many for a command.`)
      words.push(operation, shares, 0, 0, ...args)
      for (let i = args.length; i < commandWords - headerWords; i++) words.push(0)
      recording.scratchBytes = Math.max(recording.scratchBytes, scratchBytes)
    }
    const buffer = (port: string): Resident | null => {
      const name = ports[port]
      if (name === undefined) return null
      const activation = activations.get(name)
      if (activation !== undefined) return { at: activation, shape: shape(name) }
      const found = places.buffer(name)
      if (!found) throw new Error(`Buffer ${name} has no place in the plan "${plan.name}".`)
      return found
    }
    const context: WasmKernelContext<OpName> = {
      attrs: node.attrs,
      shapes: Object.fromEntries(Object.entries(ports).map(([port, name]) => [port, shape(name)])),
      name: (port) => ports[port],
      scratch,
      command,
      at(port) {
        const found = buffer(port)
        return found ? found.at ?? context.rowsAt(port, 0, found.shape[0]) : 0
      },
      rowsAt(port, first, count) {
        const { at, shape: [, columns] } = buffer(port)!
        if (at !== null) return at + 4 * first * columns
        const place = scratch(count * columns)
        host(() => places.unpackRows(ports[port], { first, count }, place))
        return place
      },
      pick(port, indices, y, count) {
        const { at, shape: [, columns] } = buffer(port)!
        if (at !== null) {
          const block = 32
          command(opRows, blocks(count, block), [at, indices, y, count, 4 * columns, 0, block])
          return
        }
        host((memory) => memory.integers(indices, count).forEach((row, i) => {
          const target = y + 4 * i * columns
          if (row < 0) memory.floats(target, columns).fill(0)
          else places.unpackRows(ports[port], { first: row, count: 1 }, target)
        }))
      },
      prepared(key, floats, make) {
        const known = preparedAt.get(key)
        if (known !== undefined) return known
        const at = places.arena + spans.takeFresh(4 * floats)
        preparedAt.set(key, at)
        recording.preparations.push(make(at))
        return at
      },
    }
    ;(wasmKernels[node.op] as WasmKernel<OpName>)(context as never)
    for (const [at, bytes] of held) spans.give(at, bytes)
    for (const name of ends[index]) {
      spans.give(activations.get(name)! - places.arena, 4 * sizeOf(shape(name)))
      activations.delete(name)
    }
  })
  endPart()
  recording.arenaBytes = spans.peak
  return recording
}
