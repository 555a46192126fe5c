/**
 * What wallets refuse with, by the code of EIP-1193 (and of EIP-1474 where wallets use it), in plain words:
 * stable name, what happened, what to do.
 */
import type { Explanation } from './contractErrors.ts'

export const walletErrors: Record<number, Explanation | undefined> = {
  4100: {
    name: 'WalletUnauthorizedError', message: 'The wallet does not let this page use that account.',
    advice: 'Connect the wallet again and choose the account.',
  },
  4200: {
    name: 'WalletUnsupportedError', message: 'The wallet cannot do what was asked of it.',
    advice: 'Update the wallet, use another one, or go on with the account made in this browser.',
  },
  4900: {
    name: 'WalletDisconnectedError', message: 'The wallet has lost its connection to every chain.',
    advice: 'Open the wallet, check its network, then try again. Nothing was sent.',
  },
  4901: {
    name: 'WalletDisconnectedError', message: 'The wallet has lost its connection to the arena\'s chain.',
    advice: 'Open the wallet, choose the arena\'s network, then try again. Nothing was sent.',
  },
  4902: {
    name: 'UnknownChainError', message: 'The wallet does not know the arena\'s chain.',
    advice: 'Add the network to the wallet: its RPC address is on the account page.',
  },
  [-32002]: {
    name: 'WalletBusyError', message: 'The wallet is waiting for an answer to an earlier question.',
    advice: 'Open the wallet and answer or close that question, then try again.',
  },
}
