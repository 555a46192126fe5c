/**
 * Who signs: a burner key made and kept by the app, or a wallet the browser
 * brings (EIP-6963 discovery, EIP-1193 requests).
 */
import {
  createWalletClient, custom, http, numberToHex, type Account, type Address, type Chain, type EIP1193Provider, type Hex,
  type Transport, type WalletClient,
} from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { ChainError, toChainError, WrongChainError } from './errors.ts'

/** A wallet client that has an account and knows its chain. */
export type ArenaWallet = WalletClient<Transport, Chain, Account>

/** An injected wallet as it announces itself (EIP-6963). */
export interface InjectedWallet {
  info: { uuid: string; name: string; icon: string; rdns: string }
  provider: EIP1193Provider
}

/** A fresh private key; the app stores it, anybody who reads it owns the account. */
export function createBurnerKey(): Hex {
  return generatePrivateKey()
}

/** A wallet that signs in this page with a burner key. */
export function burnerWallet(options: { key: Hex; chain: Chain; rpcUrl: string }): ArenaWallet {
  return createWalletClient({
    account: privateKeyToAccount(options.key), chain: options.chain, transport: http(options.rpcUrl, { retryCount: 2 }),
  })
}

/**
 * Listens for injected wallets and asks them to announce themselves.
 * @param onChange gets the whole list, in order of arrival, whenever one is added.
 * @returns a function that stops listening.
 */
export function discoverWallets(onChange: (wallets: InjectedWallet[]) => void): () => void {
  const wallets = new Map<string, InjectedWallet>()
  const announced = (event: Event) => {
    const detail: unknown = (event as CustomEvent).detail
    if (!isInjectedWallet(detail)) return
    wallets.set(detail.info.uuid, detail)
    onChange([...wallets.values()])
  }
  window.addEventListener('eip6963:announceProvider', announced)
  window.dispatchEvent(new Event('eip6963:requestProvider'))
  return () => { window.removeEventListener('eip6963:announceProvider', announced) }
}

/**
 * Asks an injected wallet for its account and brings it to the arena's chain.
 * @throws RejectedByUserError, WrongChainError, ChainError.
 */
export async function connectInjectedWallet(wallet: InjectedWallet, chain: Chain): Promise<ArenaWallet> {
  try {
    const asking = createWalletClient({ chain, transport: custom(wallet.provider) })
    const [account] = await asking.requestAddresses()
    if (account === undefined) {
      throw new ChainError(`${wallet.info.name} gave no account.`, 'Unlock the wallet or make an account in it, then try again.')
    }
    if (await asking.getChainId() !== chain.id) await switchOrAdd(asking, wallet.provider, chain)
    const actual = await asking.getChainId()
    if (actual !== chain.id) throw new WrongChainError(chain.id, actual)
    return walletOf(account, wallet.provider, chain)
  } catch (error) {
    throw toChainError(error)
  }
}

function walletOf(account: Address, provider: EIP1193Provider, chain: Chain): ArenaWallet {
  return createWalletClient({ account: { address: account, type: 'json-rpc' }, chain, transport: custom(provider) })
}

async function switchOrAdd(client: WalletClient, provider: EIP1193Provider, chain: Chain): Promise<void> {
  try {
    await provider.request({ method: 'wallet_switchEthereumChain', params: [{ chainId: numberToHex(chain.id) }] })
  } catch (error) {
    // EIP-3326: 4902 says that the wallet does not know the chain yet; some wrap it.
    if (!JSON.stringify([(error as { code?: unknown }).code, String(error)]).includes('4902')) throw error
    await client.addChain({ chain })
  }
}

function isInjectedWallet(detail: unknown): detail is InjectedWallet {
  if (typeof detail !== 'object' || detail === null || !('info' in detail) || !('provider' in detail)) return false
  const { info, provider } = detail as { info: Partial<InjectedWallet['info']> | null; provider: { request?: unknown } | null }
  return typeof info?.uuid === 'string' && typeof info.name === 'string' && typeof provider?.request === 'function'
}
