/**
 * What can go wrong between the page and the chain, in plain words.
 *
 * Every call of `src/chain` that fails throws a {@link ChainError} subclass with
 * a stable `name`, a message that says what happened with which values, and an
 * `advice` that says what to do next. {@link toChainError} makes them out of
 * whatever viem, a wallet (EIP-1193) or an RPC node threw.
 */
import {
  BaseError, ContractFunctionRevertedError, HttpRequestError, InsufficientFundsError, LimitExceededRpcError,
  ResponseBodyTooLargeError, RpcRequestError, TimeoutError, WebSocketRequestError,
} from 'viem'
import { contractErrors } from './contractErrors.ts'
import { walletErrors } from './walletErrors.ts'

/** Base of all errors of this folder. */
export class ChainError extends Error {
  override name = 'ChainError'
  /** What the person can do next. */
  readonly advice: string

  constructor(message: string, advice: string, options?: ErrorOptions) {
    super(message, options)
    this.advice = advice
  }
}

/** The RPC node does not answer. */
export class RpcDownError extends ChainError {
  override name = 'RpcDownError'
  constructor(url: string | undefined, options?: ErrorOptions) {
    super(`The chain's RPC node${url ? ` at ${url}` : ''} does not answer.`,
      'Check the connection, or set another RPC address on the Account page. Nothing is lost; the page goes on by itself when the node is back.',
      options)
  }
}

/** The RPC node refuses to answer so much or so often. */
export class RpcLimitError extends ChainError {
  override name = 'RpcLimitError'
  constructor(detail: string, options?: ErrorOptions) {
    super(`The RPC node refused the request because of its limits: ${detail}`,
      'Wait a moment and try again, or set another RPC address on the Account page.', options)
  }
}

/** The RPC node answers again when it is asked less often. */
export class RateLimitedError extends RpcLimitError {
  override name = 'RateLimitedError'
}

/** A wallet refused or failed; `name` is that of `walletErrors`. */
export class WalletError extends ChainError {
  constructor(name: string, message: string, advice: string, options?: ErrorOptions) {
    super(message, advice, options)
    this.name = name
  }
}

/** The person said no in the wallet. */
export class RejectedByUserError extends ChainError {
  override name = 'RejectedByUserError'
  constructor(options?: ErrorOptions) {
    super('The request was declined in the wallet.', 'Nothing was sent. Start again when you want to go on.', options)
  }
}

/** The account cannot pay for gas. */
export class InsufficientGasFundsError extends ChainError {
  override name = 'InsufficientGasFundsError'
  constructor(options?: ErrorOptions) {
    super('The account has too little of the chain\'s own coin to pay for gas.',
      'Send it a little, or use the faucet on a test network.', options)
  }
}

/** The wallet is on another chain. */
export class WrongChainError extends ChainError {
  override name = 'WrongChainError'
  constructor(expected: number, actual: number, options?: ErrorOptions) {
    super(`The wallet is on chain ${actual}, the arena is on chain ${expected}.`, 'Switch the wallet\'s network.', options)
  }
}

/** No contracts are known for a chain. */
export class NotDeployedError extends ChainError {
  override name = 'NotDeployedError'
  constructor(chainId: number) {
    super(`No arena is known on chain ${chainId}.`,
      'Choose another network, or deploy the contracts with "npm run deploy -- --rpc URL" and load the file it writes.')
  }
}

/** The rows of a round cannot be read: their key is not on chain. */
export class KeyNotRevealedError extends ChainError {
  override name = 'KeyNotRevealedError'
  constructor(round: number) {
    super(`The key of round ${round + 1}'s hidden rows is not on chain.`,
      'The creator reveals it while submissions are opened. Without it the round ends void: stakes are untouched, the creator pays.')
  }
}

/** A transaction left the node's pool without being mined. */
export class TransactionDroppedError extends ChainError {
  override name = 'TransactionDroppedError'
  constructor(hash: string) {
    super(`Transaction ${hash} was dropped before it was mined.`, 'Send it again; it took no effect.')
  }
}

/** Another transaction with the same nonce was mined instead. */
export class TransactionReplacedError extends ChainError {
  override name = 'TransactionReplacedError'
  constructor(hash: string) {
    super(`Transaction ${hash} was replaced by another one of the same account.`,
      'Look at the wallet\'s activity; send it again when the replacement was not meant.')
  }
}

/** A contract refused for a reason of its rules; `name` is that of `contractErrors`. */
export class ContractError extends ChainError {
  /** The Solidity error's own name and arguments. */
  readonly reason: string
  constructor(name: string, message: string, advice: string, reason: string, options?: ErrorOptions) {
    super(message, advice, options)
    this.name = name
    this.reason = reason
  }
}

/**
 * Any error as a {@link ChainError}; one that is already is returned as it is.
 * Aborts pass through untouched, so that callers can tell them from failures.
 */
export function toChainError(error: unknown): Error {
  if (error instanceof ChainError) return error
  if (error instanceof Error && error.name === 'AbortError') return error
  if (!(error instanceof BaseError)) {
    const message = error instanceof Error ? error.message : String(error)
    return fromWallet(eip1193Code(error), error) ?? new ChainError(`The wallet or the node failed: ${message}`, 'Try again.', { cause: error })
  }

  const reverted = error.walk(cause => cause instanceof ContractFunctionRevertedError)
  if (reverted instanceof ContractFunctionRevertedError) return fromRevert(reverted, error)
  if (error.walk(cause => cause instanceof InsufficientFundsError)) return new InsufficientGasFundsError({ cause: error })
  if (isRateLimit(error)) return new RateLimitedError(error.details || error.shortMessage, { cause: error })
  const http = error.walk(cause => cause instanceof HttpRequestError)
  if (http instanceof HttpRequestError) {
    return http.status === 413 ? new RpcLimitError(http.details, { cause: error }) : new RpcDownError(http.url, { cause: error })
  }
  if (error.walk(cause => cause instanceof ResponseBodyTooLargeError)) {
    return new RpcLimitError('its answer is too large', { cause: error })
  }
  if (error.walk(cause => cause instanceof TimeoutError || cause instanceof WebSocketRequestError)) {
    return new RpcDownError(undefined, { cause: error })
  }
  if (error.walk(cause => cause instanceof LimitExceededRpcError)) return new RpcLimitError(error.details, { cause: error })
  const rpc = error.walk(cause => cause instanceof RpcRequestError)
  if (!(rpc instanceof RpcRequestError)) {
    const coded = error.walk(cause => fromWallet(eip1193Code(cause), error) !== null)
    const known = fromWallet(eip1193Code(coded), error)
    if (known) return known
  }
  return new ChainError(
    `The RPC node refused: ${rpc instanceof RpcRequestError ? rpc.details : error.shortMessage}`,
    'Try again; if it stays, set another RPC address on the Account page.', { cause: error })
}

/** Providers that count requests say so by status 429, by codes of their own, or only in words. */
function isRateLimit(error: BaseError): boolean {
  return error.walk(cause => {
    if (cause instanceof HttpRequestError && cause.status === 429) return true
    if (!(cause instanceof RpcRequestError)) return false
    return [429, -32007, -32029].includes(cause.code) || /rate.?limit|too many requests|requests? (limit|per)|per second|compute units/i.test(cause.details)
  }) !== null
}

function fromWallet(code: number | undefined, cause: unknown): ChainError | null {
  if (code === 4001) return new RejectedByUserError({ cause })
  const known = code === undefined ? undefined : walletErrors[code]
  return known ? new WalletError(known.name, known.message, known.advice, { cause }) : null
}

function fromRevert(reverted: ContractFunctionRevertedError, cause: BaseError): ChainError {
  const solidityName = reverted.data?.errorName
  const args = reverted.data?.args ?? []
  const known = solidityName === undefined ? undefined : contractErrors[solidityName]
  const reason = solidityName === undefined
    ? reverted.reason ?? reverted.signature ?? 'no reason given'
    : `${solidityName}(${args.map(String).join(', ')})`
  if (known) {
    const { name, message, advice } = known(args)
    return new ContractError(name, message, advice, reason, { cause })
  }
  return new ContractError('ContractError', `The contract refused: ${reason}.`,
    'Reload the task\'s state and try again; if it stays, report this message.', reason, { cause })
}

function eip1193Code(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'number' ? error.code : undefined
}
