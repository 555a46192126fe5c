/**
 * Brings the arena's events into a store.
 *
 * The block range of a request adapts to what the node allows: it halves when
 * the node refuses and grows while answers stay small. A node that counts requests is given time. Each range is stored in
 * one transaction together with a checkpoint (block and hash), so a sync that
 * was cut off goes on where it stopped. A checkpoint whose hash is no longer the
 * chain's marks a reorganisation: everything above the newest good one is
 * forgotten and read again.
 */
import { BaseError, parseEventLogs, type Abi, type Address, type Hash, type Log, type PublicClient } from 'viem'
import { eventPosition, type Checkpoint, type EventStore, type StoredEvent } from '../store/chain.ts'
import { RateLimitedError, RpcDownError, RpcLimitError, toChainError } from './errors.ts'
import { pause } from './transaction.ts'

/** What to read: which contracts, with which interface, from which block on. */
export interface SyncSource {
  rpc: PublicClient
  addresses: Address[]
  abi: Abi
  /** The block of deployment. */
  fromBlock: bigint
}

/** How far a sync is. */
export interface SyncProgress {
  /** Blocks read. */
  done: number
  total: number
  /** Events stored by this call. */
  events: number
}

export interface SyncOptions {
  signal?: AbortSignal
  onProgress?: (progress: SyncProgress) => void
  /** Blocks of the first request. */
  firstRange?: number
  /** Milliseconds to wait when the node first says that it is asked too often; doubled each time. */
  firstPause?: number
}

const FIRST_RANGE = 5_000
const LARGEST_RANGE = 1_000_000
/** viem takes answers up to 10 MiB; ranges grow only while far below it. */
const COMFORTABLE_LOGS = 4_000
const FIRST_PAUSE = 1_000
/** Waits in a row until a node that counts requests is given up: with the first of a second, two minutes in all. */
const MOST_PAUSES = 7
/** Checkpoints kept: so many syncs back a reorganisation is undone without starting over. */
const KEPT_CHECKPOINTS = 128

/** What a sync came to. */
export interface SyncResult {
  /** New events. */
  events: number
  /** The chain's newest block: its number, and its time in Unix seconds. */
  head: { number: number; timestamp: number }
  /** Whether stored events had to be forgotten. */
  reorged: boolean
}

/**
 * Reads all events up to the chain's head.
 * @throws RpcDownError, RpcLimitError when a single block is too much for the node, RateLimitedError; the signal's reason.
 */
export async function syncEvents(source: SyncSource, store: EventStore, options: SyncOptions = {}): Promise<SyncResult> {
  const { addresses, abi } = source
  const { signal } = options
  const patiently = patience(options)
  const rpc: Reads = {
    getBlock: args => patiently(() => source.rpc.getBlock(args)),
    getLogs: args => patiently(() => source.rpc.getLogs(args)),
  }
  try {
    const latest = await rpc.getBlock({ blockTag: 'latest' })
    const head = { number: Number(latest.number), timestamp: Number(latest.timestamp) }
    const { from: start, reorged } = await resumePoint(rpc, Number(source.fromBlock), store, { block: head.number, hash: latest.hash })
    let from = start
    let range = options.firstRange ?? FIRST_RANGE
    let events = 0
    while (from <= head.number) {
      signal?.throwIfAborted()
      const to = Math.min(from + range - 1, head.number)
      let logs: Log[]
      let checkpoint: Checkpoint
      try {
        // The hash first: should the chain reorganise in between, the next sync sees a stale hash and reads again.
        checkpoint = { block: to, hash: to === head.number ? latest.hash : (await rpc.getBlock({ blockNumber: BigInt(to) })).hash }
        logs = await rpc.getLogs({ address: addresses, fromBlock: BigInt(from), toBlock: BigInt(to) })
      } catch (error) {
        if (!isRangeRefused(error)) throw error
        if (to === from) throw new RpcLimitError(`block ${from} alone is too much for it`, { cause: error })
        range = Math.max(1, Math.floor((to - from + 1) / 2))
        continue
      }
      signal?.throwIfAborted()
      const stored = decodeLogs(logs, abi)
      await store.append(stored, checkpoint, from)
      events += stored.length
      from = to + 1
      options.onProgress?.({ done: from - start, total: head.number - start + 1, events })
      if (logs.length < COMFORTABLE_LOGS / 2) range = Math.min(LARGEST_RANGE, range * 2)
      else if (logs.length > COMFORTABLE_LOGS) range = Math.max(1, Math.floor((range * COMFORTABLE_LOGS) / logs.length))
    }
    if (from > start) await store.pruneCheckpoints(KEPT_CHECKPOINTS)
    return { events, head, reorged }
  } catch (error) {
    throw toChainError(error)
  }
}

/** What a sync asks of the node. */
interface Reads {
  getBlock(args: { blockTag: 'latest' } | { blockNumber: bigint }): Promise<{ number: bigint; timestamp: bigint; hash: Hash }>
  getLogs(args: { address: Address[]; fromBlock: bigint; toBlock: bigint }): Promise<Log[]>
}

/** Asks again, each time after twice as long, while the node says that it is asked too often. */
function patience({ firstPause = FIRST_PAUSE, signal }: SyncOptions) {
  return async <T>(ask: () => Promise<T>): Promise<T> => {
    for (let pauses = 0; ; pauses++) {
      try {
        return await ask()
      } catch (error) {
        if (pauses === MOST_PAUSES || !(toChainError(error) instanceof RateLimitedError)) throw error
        await pause(firstPause * 2 ** pauses, signal)
      }
    }
  }
}

/** The first block to read, after forgetting what a reorganisation made untrue. */
async function resumePoint(rpc: Reads, first: number, store: EventStore, head: Checkpoint): Promise<{ from: number; reorged: boolean }> {
  const checkpoints = await store.checkpoints()
  for (const [index, checkpoint] of checkpoints.entries()) {
    if (checkpoint.block > head.block) continue
    const hash = checkpoint.block === head.block
      ? head.hash
      : (await rpc.getBlock({ blockNumber: BigInt(checkpoint.block) })).hash
    if (hash !== checkpoint.hash) continue
    if (index > 0) await store.forgetAbove(checkpoint.block)
    return { from: checkpoint.block + 1, reorged: index > 0 }
  }
  await store.forgetAbove(-1)
  return { from: first, reorged: checkpoints.length > 0 }
}

function decodeLogs(logs: Log[], abi: Abi): StoredEvent[] {
  return parseEventLogs({ abi, logs, strict: true }).map(log => {
    const args = (log.args ?? {}) as unknown as Record<string, unknown>
    const task = args.taskId ?? args.task
    return {
      position: eventPosition(Number(log.blockNumber), log.logIndex ?? 0),
      block: Number(log.blockNumber),
      address: log.address.toLowerCase(),
      name: log.eventName as string,
      task: typeof task === 'bigint' || typeof task === 'number' ? String(task) : '',
      args,
      transactionHash: log.transactionHash ?? '',
    }
  })
}

/**
 * Whether a smaller range may help. Nodes word their limits differently, so
 * everything but an unreachable node counts; a request for one block ends the search.
 */
function isRangeRefused(error: unknown): boolean {
  if (!(error instanceof BaseError)) return error instanceof RangeError
  const known = toChainError(error)
  if (known instanceof RateLimitedError) return false
  return !(known instanceof RpcDownError) || /timed? ?out|too large|exceed/i.test(error.message)
}
