import { Subject } from '../observable.ts'

/** State of one block in a transfer's picture; the byte in {@link Transfer.blocks}. */
export const BLOCK = { waiting: 0, asked: 1, held: 2, received: 3 } as const

/** One download, block by block. Replaced, never changed, on each update. */
export interface Transfer {
  cid: string
  status: 'looking' | 'running' | 'done' | 'failed' | 'cancelled'
  /** Content bytes here so far, and in all (0 while unknown). */
  done: number
  total: number
  /** Bytes per second over the last while. */
  rate: number
  /** One {@link BLOCK} code per block, in file order. */
  blocks: Uint8Array
  /** Bytes that each peer sent. */
  peers: { id: string; bytes: number }[]
  /** Message of the error that ended it. */
  error?: string
}

const KEPT = 12

/** The latest transfers of a node, newest first. */
export class TransferBoard {
  readonly list = new Subject<readonly Transfer[]>([])

  /** Puts a transfer's new state in the place of its old one. */
  put(previous: Transfer | null, next: Transfer): void {
    const list = this.list.get()
    this.list.set(previous !== null && list.includes(previous)
      ? list.map(entry => entry === previous ? next : entry)
      : [next, ...list].slice(0, KEPT))
  }
}
