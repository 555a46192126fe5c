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

export class ChainDatabase extends Dexie {
  declare events: Table<StoredEvent, number>
  declare checkpoints: Table<Checkpoint, number>

  constructor(chainId: number, address: string) {
    super(`lanista-chain-${chainId}-${address.toLowerCase()}`)
    this.version(1).stores({
      events: 'position, [task+position], [name+position]',
      checkpoints: 'block',
    })
  }
}

/** The position of a log; logs of one block stay far below 2^20. */
export const eventPosition = (block: number, logIndex: number): number => block * 2 ** 20 + logIndex
