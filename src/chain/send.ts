/** Sends one call to a contract and follows it until it is mined. */
import { getContractError, BaseError, type Abi, type Address, type Hex, type TransactionReceipt } from 'viem'
import { allErrorsAbi } from './abi.ts'
import { senderOf, type ArenaWriter } from './arena.ts'
import { toChainError } from './errors.ts'
import { followTransaction, type TransactionOptions } from './transaction.ts'

/** A call ready to be sent. */
export interface ContractCall {
  to: Address
  data: Hex
  /** Plain words for what it does, shown while it runs: "Seal the submission". */
  action: string
}

/** One account's transactions go out one after the other, or they would ask for the same nonce. */
const queues = new Map<string, Promise<unknown>>()

/**
 * Estimates (which also tells early that a contract would refuse), signs, sends and follows a call.
 * @throws ContractError when the contract refuses; see {@link followTransaction} and `errors.ts` for the rest.
 */
export async function send(writer: ArenaWriter, call: ContractCall, options: TransactionOptions = {}): Promise<TransactionReceipt> {
  const from = senderOf(writer)
  const key = `${writer.wallet.chain.id}:${from.toLowerCase()}`
  const turn = queues.get(key) ?? Promise.resolve()
  const sent = turn.then(() => signAndSend(writer, call, options))
  queues.set(key, sent.catch(() => undefined))
  const { hash, nonce } = await sent
  return followTransaction(writer.rpc, { hash, nonce, action: call.action, from }, options)
}

async function signAndSend(writer: ArenaWriter, call: ContractCall, options: TransactionOptions) {
  options.signal?.throwIfAborted()
  const { rpc, wallet } = writer
  const account = wallet.account
  try {
    const [estimate, nonce] = await Promise.all([
      // The pending block is the one it will be in: phases and seeds go by that block's time and number.
      rpc.estimateGas({ account, to: call.to, data: call.data, blockTag: 'pending' }),
      rpc.getTransactionCount({ address: account.address, blockTag: 'pending' }),
    ])
    options.onState?.({ state: 'signing', action: call.action })
    // What others do in between may make a call dearer than it was when estimated.
    const gas = estimate + estimate / 4n
    const hash = await wallet.sendTransaction({ to: call.to, data: call.data, gas, nonce })
    return { hash, nonce }
  } catch (error) {
    throw explain(error, call, account.address)
  }
}

/** Reads the contract's own error out of a failed call. */
export function explain(error: unknown, call: { to: Address; action: string }, sender?: Address): Error {
  if (!(error instanceof BaseError)) return toChainError(error)
  return toChainError(getContractError(error, {
    abi: allErrorsAbi as Abi, address: call.to, args: [], functionName: call.action, ...(sender && { sender }),
  }))
}
