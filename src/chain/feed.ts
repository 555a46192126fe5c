/**
 * One stream of the arena's events per page: synced into the store, shared by
 * whoever watches.
 */
import type { Abi } from 'viem'
import { indexedEventStore, memoryEventStore, type EventStore } from '../store/chain.ts'
import { arenaAbi } from './abi.ts'
import type { ArenaReader } from './arena.ts'
import { toChainError } from './errors.ts'
import { syncEvents, type SyncOptions, type SyncResult } from './sync.ts'
import { createTaskBook, type TaskBook } from './taskBook.ts'
import { pause } from './transaction.ts'

/** Told after every look at the chain, also when nothing is new. */
export interface FeedListener {
  onSync: (result: SyncResult) => void
  /** The sync failed; it goes on trying. */
  onError?: (error: Error) => void
}

export interface EventFeed {
  store: EventStore
  /** What the events come to. */
  tasks: TaskBook
  /** Looks at the chain now; calls at the same time share one look. */
  refresh(options?: Pick<SyncOptions, 'onProgress' | 'signal'>): Promise<SyncResult>
  /** Looks again and again until the returned function is called. */
  subscribe(listener: FeedListener): () => void
}

const feeds = new Map<string, EventFeed>()

/** The feed of an arena; events are kept in IndexedDB where there is one, in memory elsewhere. */
export function feedOf(reader: ArenaReader): EventFeed {
  const { chainId, arena } = reader.deployment
  const key = `${chainId}:${arena}:${reader.rpc.transport.url as string}`
  let feed = feeds.get(key)
  if (!feed) {
    const store = typeof indexedDB === 'undefined' ? memoryEventStore() : indexedEventStore(chainId, arena)
    feed = createFeed(reader, store)
    feeds.set(key, feed)
  }
  return feed
}

/** A feed over a store of one's own. */
export function createFeed({ rpc, deployment }: ArenaReader, store: EventStore): EventFeed {
  const listeners = new Set<FeedListener>()
  let running: Promise<SyncResult> | null = null
  let watching: AbortController | null = null

  const refresh: EventFeed['refresh'] = options => {
    running ??= syncEvents({
      rpc, addresses: [deployment.arena], abi: arenaAbi as Abi, fromBlock: BigInt(deployment.block),
    }, store, options).finally(() => { running = null })
    return running
  }

  async function watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const result = await refresh()
        for (const listener of [...listeners]) listener.onSync(result)
      } catch (error) {
        for (const listener of [...listeners]) listener.onError?.(toChainError(error))
      }
      await pause(rpc.pollingInterval, signal).catch(() => undefined)
    }
  }

  return {
    store,
    tasks: createTaskBook(store),
    refresh,
    subscribe(listener) {
      listeners.add(listener)
      if (!watching) {
        watching = new AbortController()
        void watch(watching.signal)
      } else {
        refresh().then(listener.onSync, (error: unknown) => listener.onError?.(toChainError(error)))
      }
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0) return
        watching?.abort()
        watching = null
      }
    },
  }
}
