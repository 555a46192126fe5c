import { createWalletClient, http, parseEther, type EIP1193Provider } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startAnvil, type Anvil } from '../../tests/helpers/anvil.ts'
import { connect } from './client.ts'
import { RejectedByUserError, WrongChainError } from './errors.ts'
import { connectInjectedWallet, discoverWallets, type InjectedWallet } from './wallet.ts'

let anvil: Anvil
beforeAll(async () => { anvil = await startAnvil() })
afterAll(() => anvil.stop())

/** An injected wallet over one of anvil's unlocked accounts, on a chain of its own at first. */
function injected(behaviour: { declines?: boolean; stubborn?: boolean; unknownChain?: boolean } = {}): InjectedWallet & { asked: string[] } {
  const node = createWalletClient({ transport: http(anvil.url) })
  const asked: string[] = []
  let chainId = '0x1'
  const request = async ({ method, params }: { method: string; params?: unknown }): Promise<unknown> => {
    asked.push(method)
    if (behaviour.declines) throw Object.assign(new Error('User rejected'), { code: 4001 })
    if (method === 'eth_chainId') return chainId
    if (method === 'eth_requestAccounts') return node.request({ method: 'eth_accounts' } as never)
    if (method === 'wallet_switchEthereumChain') {
      if (behaviour.unknownChain && !asked.includes('wallet_addEthereumChain')) throw Object.assign(new Error('Unknown chain'), { code: 4902 })
      if (!behaviour.stubborn) chainId = '0x7a69'
      return null
    }
    if (method === 'wallet_addEthereumChain') { chainId = '0x7a69'; return null }
    return node.request({ method, params } as never)
  }
  return {
    info: { uuid: crypto.randomUUID(), name: 'Test wallet', icon: '', rdns: 'example.test' },
    provider: { request, on: () => undefined, removeListener: () => undefined } as unknown as EIP1193Provider,
    asked,
  }
}

describe('injected wallets', () => {
  it('are found by EIP-6963, each once, and noise is ignored', () => {
    const page = new EventTarget()
    Object.assign(globalThis, { window: page })
    const wallet = injected()
    const announce = (detail: unknown) => page.dispatchEvent(Object.assign(new Event('eip6963:announceProvider'), { detail }))
    page.addEventListener('eip6963:requestProvider', () => announce(wallet))
    const seen: InjectedWallet[][] = []
    const stop = discoverWallets(wallets => seen.push(wallets))
    announce(wallet)
    announce({ info: null, provider: null })
    announce('noise')
    expect(seen.at(-1)).toEqual([wallet])
    stop()
    announce(injected())
    expect(seen.at(-1)).toEqual([wallet])
  })

  it.each([{}, { unknownChain: true }])('come to the arena\'s chain and sign there (%o)', async behaviour => {
    const { rpc, chain } = await connect(anvil.url)
    const wallet = await connectInjectedWallet(injected(behaviour), chain)
    const hash = await wallet.sendTransaction({ to: wallet.account.address, value: parseEther('1') })
    expect((await rpc.waitForTransactionReceipt({ hash })).status).toBe('success')
  })

  it('that say no, or stay elsewhere, are told from each other', async () => {
    const { chain } = await connect(anvil.url)
    await expect(connectInjectedWallet(injected({ declines: true }), chain)).rejects.toThrow(RejectedByUserError)
    await expect(connectInjectedWallet(injected({ stubborn: true }), chain)).rejects.toThrow(WrongChainError)
  })
})
