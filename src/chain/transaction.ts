/**
 * A transaction from signature to finality: sent, mined, replaced, dropped, or
 * mined and then lost to a reorganisation of the chain.
 */
import type { Hash, PublicClient, TransactionReceipt } from 'viem'
import { ChainError, toChainError, TransactionDroppedError, TransactionReplacedError } from './errors.ts'

/** Where a transaction stands. */
export type TransactionState =
  | { state: 'signing'; action: string }
  | { state: 'sent'; action: string; hash: Hash }
  | { state: 'mined'; action: string; hash: Hash; blockNumber: bigint }
  /** The block it was in is no longer part of the chain; it waits for a new one. */
  | { state: 'reorged'; action: string; hash: Hash }
  | { state: 'replaced'; action: string; hash: Hash }
  | { state: 'dropped'; action: string; hash: Hash }

export interface TransactionOptions {
  /** Told of every change of state. */
  onState?: (state: TransactionState) => void
  signal?: AbortSignal
  /** Blocks that must stand on the transaction's own before the call returns; default 0. */
  confirmations?: number
}

/** A node that never heard of a transaction is asked this often before it counts as dropped. */
const UNKNOWN_POLLS = 20
/** A node that stops answering is asked again this often. */
const FAILED_POLLS = 10

/**
 * Follows a sent transaction until it is mined and confirmed.
 * @param nonce of the transaction, when known: tells a replaced one from a dropped one.
 * @throws TransactionDroppedError, TransactionReplacedError, RpcDownError, ChainError when it reverted;
 *   the signal's reason when aborted (the transaction itself goes on).
 */
export async function followTransaction(
  rpc: PublicClient,
  sent: { hash: Hash; action: string; from: `0x${string}`; nonce?: number },
  options: TransactionOptions = {},
): Promise<TransactionReceipt> {
  const { hash, action } = sent
  const report = (state: TransactionState) => options.onState?.(state)
  const confirmations = BigInt(options.confirmations ?? 0)
  let minedIn: Hash | undefined
  let unknown = 0
  let failures = 0
  report({ state: 'sent', action, hash })

  for (;;) {
    options.signal?.throwIfAborted()
    try {
      const receipt = await rpc.getTransactionReceipt({ hash }).catch(missing)
      if (receipt) {
        unknown = 0
        if (receipt.blockHash !== minedIn) {
          if (minedIn !== undefined) report({ state: 'reorged', action, hash })
          minedIn = receipt.blockHash
          report({ state: 'mined', action, hash, blockNumber: receipt.blockNumber })
        }
        if (confirmations === 0n || (await rpc.getBlockNumber({ cacheTime: 0 })) - receipt.blockNumber >= confirmations) {
          if (receipt.status === 'reverted') {
            throw new ChainError(`The transaction for "${action}" was mined but failed (${hash}).`,
              'Somebody else was quicker, or the phase has just changed. Look at the task\'s state and try again.')
          }
          return receipt
        }
      } else {
        if (minedIn !== undefined) {
          minedIn = undefined
          report({ state: 'reorged', action, hash })
        }
        const pending = await rpc.getTransaction({ hash }).catch(missing)
        unknown = pending ? 0 : unknown + 1
        if (unknown >= 2 && sent.nonce !== undefined && await rpc.getTransactionCount({ address: sent.from }) > sent.nonce
          && !await rpc.getTransactionReceipt({ hash }).catch(missing)) {
          report({ state: 'replaced', action, hash })
          throw new TransactionReplacedError(hash)
        }
        if (unknown >= UNKNOWN_POLLS) {
          report({ state: 'dropped', action, hash })
          throw new TransactionDroppedError(hash)
        }
      }
      failures = 0
    } catch (error) {
      const known = toChainError(error)
      if (known.name !== 'RpcDownError' || ++failures >= FAILED_POLLS) throw known
    }
    await pause(rpc.pollingInterval, options.signal)
  }
}

function missing(error: Error): null {
  if (error.name === 'TransactionReceiptNotFoundError' || error.name === 'TransactionNotFoundError') return null
  throw error
}

/** Waits, but not longer than the signal allows. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const aborted = () => { clearTimeout(timer); reject(signal?.reason as Error) }
    const timer = setTimeout(() => { signal?.removeEventListener('abort', aborted); resolve() }, milliseconds)
    if (signal?.aborted) aborted()
    else signal?.addEventListener('abort', aborted, { once: true })
  })
}
