/**
 * What this browser has read of the chain: decoded events and how far it got.
 * One database per deployment, so that two arenas never mix.
 */
import { Dexie, type Table } from 'dexie'

/** A decoded event of one of the arena's contracts. */
export interface StoredEvent {
  /** Position on the chain: block · 2^20 + log index; the primary key. */
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

/** Where synced events are kept. */
export interface EventStore {
  /** Newest first. */
  checkpoints(): Promise<Checkpoint[]>
  /** Adds events and the checkpoint they reach up to, both or neither. */
  append(events: StoredEvent[], checkpoint: Checkpoint): Promise<void>
  /** Forgets events and checkpoints above a block. */
  forgetAbove(block: number): Promise<void>
  /** Keeps only the newest checkpoints. */
  pruneCheckpoints(keep: number): Promise<void>
  /** A task's events in order, from a position on. */
  eventsOf(task: string, from?: number): Promise<StoredEvent[]>
  /** All events of a name in order. */
  eventsNamed(name: string): Promise<StoredEvent[]>
}

/** The position of a log; logs of one block stay far below 2^20. */
export const eventPosition = (block: number, logIndex: number): number => block * 2 ** 20 + logIndex

class ChainDatabase extends Dexie {
  declare events: Table<StoredEvent, number>
  declare checkpointTable: Table<Checkpoint, number>

  constructor(chainId: number, address: string) {
    super(`lanista-chain-${chainId}-${address.toLowerCase()}`)
    this.version(1).stores({ events: 'position, [task+position], [name+position]', checkpointTable: 'block' })
  }
}

/** Events in IndexedDB: they survive a reload. */
export function indexedEventStore(chainId: number, address: string): EventStore {
  const database = new ChainDatabase(chainId, address)
  const { events, checkpointTable } = database
  return {
    checkpoints: () => checkpointTable.orderBy('block').reverse().toArray(),
    append: (added, checkpoint) => database.transaction('rw', events, checkpointTable, async () => {
      await events.bulkPut(added)
      await checkpointTable.put(checkpoint)
    }),
    forgetAbove: block => database.transaction('rw', events, checkpointTable, async () => {
      await events.where('position').aboveOrEqual(eventPosition(block + 1, 0)).delete()
      await checkpointTable.where('block').above(block).delete()
    }),
    async pruneCheckpoints(keep) {
      await checkpointTable.bulkDelete(await checkpointTable.orderBy('block').reverse().offset(keep).primaryKeys())
    },
    eventsOf: (task, from = 0) => events.where('[task+position]').between([task, from], [task, Dexie.maxKey]).toArray(),
    eventsNamed: name => events.where('[name+position]').between([name, Dexie.minKey], [name, Dexie.maxKey]).toArray(),
  }
}

/** Events in memory, for scripts and tests. */
export function memoryEventStore(): EventStore {
  let events: StoredEvent[] = []
  let checkpoints: Checkpoint[] = []
  return {
    checkpoints: () => Promise.resolve([...checkpoints].reverse()),
    append(added, checkpoint) {
      for (const event of added) events.push(event)
      checkpoints.push(checkpoint)
      return Promise.resolve()
    },
    forgetAbove(block) {
      events = events.filter(event => event.block <= block)
      checkpoints = checkpoints.filter(checkpoint => checkpoint.block <= block)
      return Promise.resolve()
    },
    pruneCheckpoints(keep) {
      checkpoints = checkpoints.slice(-keep)
      return Promise.resolve()
    },
    eventsOf: (task, from = 0) => Promise.resolve(events.filter(event => event.task === task && event.position >= from)),
    eventsNamed: name => Promise.resolve(events.filter(event => event.name === name)),
  }
}
