import type { ArenaNode } from './arenaNode.ts'
import { RelayUnreachableError } from './errors.ts'

/**
 * Waits until a relay is connected.
 * @throws RelayUnreachableError when none is within `timeout` ms (15 s when absent); the node goes on trying.
 */
export async function untilOnline(node: ArenaNode, options: { timeout?: number; signal?: AbortSignal } = {}): Promise<void> {
  const timeout = options.timeout ?? 15_000
  const { promise, resolve, reject } = Promise.withResolvers<null>()
  const fail = () => reject(new RelayUnreachableError(node.state.get().relays.map(relay => relay.address), Math.round(timeout / 1000)))
  const abort = () => reject(options.signal!.reason as Error)
  const timer = setTimeout(fail, timeout)
  options.signal?.addEventListener('abort', abort)
  const unsubscribe = node.state.subscribe(({ status }) => { if (status === 'online') resolve(null) })
  try {
    options.signal?.throwIfAborted()
    await promise
  } finally {
    clearTimeout(timer)
    options.signal?.removeEventListener('abort', abort)
    unsubscribe()
  }
}
