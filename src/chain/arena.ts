/** What every function of this folder is given: a way to the chain, the contracts' addresses and, to write, a wallet. */
import type { Address, PublicClient } from 'viem'
import type { Deployment } from './deployments.ts'
import type { ArenaWallet } from './wallet.ts'

/** Enough to read. */
export interface ArenaReader {
  rpc: PublicClient
  deployment: Deployment
}

/** Enough to write. */
export interface ArenaWriter extends ArenaReader {
  wallet: ArenaWallet
}

/** The address that writes. */
export const senderOf = (writer: ArenaWriter): Address => writer.wallet.account.address
