/**
 * What this browser has read of the chain: decoded events, how far it got, and
 * what they came to. One database per deployment, so that two arenas never mix.
 *
 * Events lie in chunks of some hundreds or thousands: a record each took ten
 * times as long to write, and nobody asks for a single one. What was computed
 * from them is kept beside them, so that a reload has little to read.
 */
import { Dexie, type Table } from 'dexie'

/** A decoded event of one of the arena's contracts. */
export interface StoredEvent {
  /** Position on the chain: block · 2^20 + log index. */
  position: number
  block: number
  /** Contract address, lower case. */
  address: string
  /** The event's name in the contract's interface. */
  name: string
  /** The task it belongs to, in decimal; empty when to none. */
  task: string
  args: Record<string, unknown>
  transactionHash: string
}

/** All events up to and with a block have been read, and its hash was this. */
export interface Checkpoint {
  block: number
  hash: string
}

/** Something computed from the events up to and with a block, under a name; anything that can be cloned. */
export interface Derived<T = unknown> {
  name: string
  block: number
  value: T
}

/** Where synced events are kept. */
export interface EventStore {
  /** Newest first. */
  checkpoints(): Promise<Checkpoint[]>
  /**
   * Puts events in place of those of the blocks from `from` to the checkpoint's, and keeps the checkpoint, both or
   * neither: two tabs that read the same blocks store them once.
   */
  append(events: StoredEvent[], checkpoint: Checkpoint, from: number): Promise<void>
  /** Forgets events, checkpoints and what was derived above a block. */
  forgetAbove(block: number): Promise<void>
  /** Changes whenever events were forgotten, by this tab or another. */
  generation(): Promise<number>
  /** Keeps only the newest checkpoints. */
  pruneCheckpoints(keep: number): Promise<void>
  /** All events in order, from a position on. */
  events(from?: number): Promise<StoredEvent[]>
  /** What was derived, of names that begin so. */
  derived<T>(prefix: string): Promise<Derived<T>[]>
  /** Keeps what was derived, each in place of what had its name; nothing when the generation is another by now. */
  keep(derived: Derived[], generation: number): Promise<void>
}

/** The position of a log; logs of one block stay far below 2^20. */
export const eventPosition = (block: number, logIndex: number): number => block * 2 ** 20 + logIndex

/** Events that follow each other. */
interface Chunk {
  /** Position of the last one: the primary key. */
  last: number
  events: StoredEvent[]
}

/** Counts forgetting, where derived values lie; it belongs to no block. */
const GENERATION = { name: 'generation', block: -1 }

/** Chunks grow up to so many events; what one request brought is never torn apart. */
const CHUNK = 512

class ChainDatabase extends Dexie {
  declare chunks: Table<Chunk, number>
  declare checkpointTable: Table<Checkpoint, number>
  declare derivedTable: Table<Derived, string>

  constructor(chainId: number, address: string) {
    super(`lanista-chain-${chainId}-${address.toLowerCase()}`)
    this.version(1).stores({ events: 'position, [task+position], [name+position]', checkpointTable: 'block' })
    // Everything here can be read from the chain again.
    this.version(2).stores({ events: null, chunks: 'last', checkpointTable: 'block', derivedTable: 'name, block' })
      .upgrade(transaction => transaction.table('checkpointTable').clear())
  }
}

/** Events in IndexedDB: they survive a reload. */
export function indexedEventStore(chainId: number, address: string): EventStore {
  const database = new ChainDatabase(chainId, address)
  const { chunks, checkpointTable, derivedTable } = database
  const generation = async () => ((await derivedTable.get(GENERATION.name))?.value ?? 0) as number
  return {
    checkpoints: () => checkpointTable.orderBy('block').reverse().toArray(),
    append: (added, checkpoint, from) => database.transaction('rw', chunks, checkpointTable, async () => {
      await checkpointTable.put(checkpoint)
      const known = await chunks.where('last').aboveOrEqual(eventPosition(from, 0)).toArray()
      if (known.length > 0) {
        const others = known.flatMap(({ events }) => events).filter(({ block }) => block < from || block > checkpoint.block)
        await chunks.bulkDelete(known.map(({ last }) => last))
        added = [...others, ...added].sort((a, b) => a.position - b.position)
      }
      if (added.length === 0) return
      const before = await chunks.toCollection().last()
      const joins = before !== undefined && before.events.length + added.length <= CHUNK
      if (joins) await chunks.delete(before.last)
      await chunks.put({ last: added.at(-1)!.position, events: joins ? [...before.events, ...added] : added })
    }),
    forgetAbove: block => database.transaction('rw', chunks, checkpointTable, derivedTable, async () => {
      const first = eventPosition(block + 1, 0)
      const torn = await chunks.where('last').aboveOrEqual(first).first()
      const kept = torn?.events.filter(({ position }) => position < first) ?? []
      await chunks.where('last').aboveOrEqual(first).delete()
      if (kept.length > 0) await chunks.put({ last: kept.at(-1)!.position, events: kept })
      await checkpointTable.where('block').above(block).delete()
      await derivedTable.where('block').above(block).delete()
      await derivedTable.put({ ...GENERATION, value: await generation() + 1 })
    }),
    generation,
    async pruneCheckpoints(keep) {
      await checkpointTable.bulkDelete(await checkpointTable.orderBy('block').reverse().offset(keep).primaryKeys())
    },
    async events(from = 0) {
      const all = await chunks.where('last').aboveOrEqual(from).toArray()
      return all.flatMap(({ events }) => (events[0]!.position >= from ? events : events.filter(({ position }) => position >= from)))
    },
    derived: <T>(prefix: string) => derivedTable.where('name').startsWith(prefix).toArray() as Promise<Derived<T>[]>,
    keep: (derived, expected) => database.transaction('rw', derivedTable, async () => {
      if (await generation() === expected) await derivedTable.bulkPut(derived)
    }),
  }
}

/** Events in memory, for scripts and tests. */
export function memoryEventStore(): EventStore {
  let events: StoredEvent[] = []
  let checkpoints: Checkpoint[] = []
  let kept = new Map<string, Derived>()
  let generation = 0
  return {
    checkpoints: () => Promise.resolve([...checkpoints].reverse()),
    append(added, checkpoint, from) {
      if (events.length > 0 && events.at(-1)!.block >= from) {
        events = events.filter(({ block }) => block < from || block > checkpoint.block)
        added = [...events.filter(({ block }) => block > checkpoint.block), ...added].sort((a, b) => a.position - b.position)
        events = events.filter(({ block }) => block < from)
      }
      for (const event of added) events.push(event)
      checkpoints.push(checkpoint)
      return Promise.resolve()
    },
    forgetAbove(block) {
      events = events.filter(event => event.block <= block)
      checkpoints = checkpoints.filter(checkpoint => checkpoint.block <= block)
      kept = new Map([...kept].filter(([, derived]) => derived.block <= block))
      generation++
      return Promise.resolve()
    },
    generation: () => Promise.resolve(generation),
    pruneCheckpoints(keep) {
      checkpoints = checkpoints.slice(-keep)
      return Promise.resolve()
    },
    events(from = 0) {
      // New ones are few and at the end.
      let start = events.length
      while (start > 0 && events[start - 1]!.position >= from) start--
      return Promise.resolve(events.slice(start))
    },
    derived: <T>(prefix: string) => Promise.resolve([...kept.values()].filter(({ name }) => name.startsWith(prefix)) as Derived<T>[]),
    keep(derived, expected) {
      if (generation === expected) for (const entry of derived) kept.set(entry.name, structuredClone(entry))
      return Promise.resolve()
    },
  }
}
