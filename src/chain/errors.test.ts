import { createPublicClient, createWalletClient, custom, defineChain, http, HttpRequestError, InsufficientFundsError, RpcRequestError } from 'viem'
import { describe, expect, it } from 'vitest'
import { ChainError, RateLimitedError, RejectedByUserError, RpcDownError, RpcLimitError, toChainError } from './errors.ts'

const chain = defineChain({ id: 31337, name: 'Test', nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 }, rpcUrls: { default: { http: [] } } })
const account = { address: '0x00000000000000000000000000000000000000aa', type: 'json-rpc' } as const

/** What sending through a wallet that fails with a code comes to. */
async function fromWallet(code: number): Promise<Error> {
  const request = ({ method }: { method: string }) => method === 'eth_chainId'
    ? Promise.resolve('0x7a69')
    : Promise.reject(Object.assign(new Error('wallet says no'), { code }))
  const wallet = createWalletClient({ account, chain, transport: custom({ request }, { retryCount: 0 }) })
  return wallet.sendTransaction({ to: account.address, value: 1n, gas: 21_000n }).then(() => new Error('it was sent'), toChainError)
}

describe('wallets that refuse (EIP-1193)', () => {
  it.each([
    [4001, 'RejectedByUserError'], [4100, 'WalletUnauthorizedError'], [4200, 'WalletUnsupportedError'],
    [4900, 'WalletDisconnectedError'], [4901, 'WalletDisconnectedError'], [4902, 'UnknownChainError'], [-32002, 'WalletBusyError'],
  ])('code %i is told as %s', async (code, name) => {
    for (const error of [await fromWallet(code), toChainError(Object.assign(new Error('wallet says no'), { code }))]) {
      expect(error).toBeInstanceOf(ChainError)
      expect(error.name).toBe(name)
      expect((error as ChainError).advice).toMatch(/\.$/)
      expect(error.message).not.toMatch(/wallet says no/)
    }
  })

  it('a code that nobody knows is passed on with the wallet\'s words', async () => {
    expect((await fromWallet(12345)).message).toMatch(/wallet says no|refused/)
  })
})

describe('nodes that refuse', () => {
  const rpc = (code: number, message: string) => toChainError(new RpcRequestError({ body: {}, url: 'http://node', error: { code, message } }))
  const status = (status: number) => toChainError(new HttpRequestError({ url: 'http://node', status, details: 'no' }))

  it('are asked too often, too much, or are not there', () => {
    expect(status(429)).toBeInstanceOf(RateLimitedError)
    expect(rpc(-32007, '50/second request limit reached')).toBeInstanceOf(RateLimitedError)
    expect(rpc(-32005, 'daily request count exceeded, request rate limited')).toBeInstanceOf(RateLimitedError)
    expect(rpc(-32005, 'query returned more than 10000 results')).not.toBeInstanceOf(RateLimitedError)
    expect(status(413)).toBeInstanceOf(RpcLimitError)
    expect(status(502)).toBeInstanceOf(RpcDownError)
  })

  it('an account without coin for gas is told so', () => {
    expect(toChainError(new InsufficientFundsError()).name).toBe('InsufficientGasFundsError')
  })

  it('a node that is not there is named', async () => {
    const client = createPublicClient({ transport: http('http://127.0.0.1:9', { retryCount: 0 }) })
    const error = await client.getBlockNumber().then(() => null, toChainError)
    expect(error).toBeInstanceOf(RpcDownError)
    expect(error!.message).toContain('127.0.0.1:9')
  })
})

it('aborts, and errors already explained, pass through', () => {
  const abort = new DOMException('stopped', 'AbortError')
  expect(toChainError(abort)).toBe(abort)
  const known = new RejectedByUserError()
  expect(toChainError(known)).toBe(known)
})
