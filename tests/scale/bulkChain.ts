/**
 * A local chain that takes signed transactions by the thousand: JSON-RPC batches
 * of 200, one block per batch, receipts read per block. Gas costs nothing here,
 * and is counted per kind of call.
 */
import { decodeErrorResult, keccak256, toHex, type Abi, type Address, type Hex } from 'viem'
import { privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts'
import { allErrorsAbi } from '../../src/chain/abi.ts'
import { startAnvil } from '../helpers/anvil.ts'

export const CHAIN_ID = 31337
const BATCH = 200
/** EIP-7825's limit for one transaction. */
const TX_GAS = 16_777_216n

/** Somebody who sends transactions. */
export interface Actor {
  account: PrivateKeyAccount
  address: Address
  nonce: number
}

interface Queued {
  label: string
  raw: Promise<Hex>
  from: Address
  to: Address | null
  data: Hex
}

/** What became of one queued transaction. */
export interface Mined {
  label: string
  gas: number
  /** Unix seconds of its block. */
  time: number
  contractAddress: Address | null
}

/** Gas and number of transactions of one kind. */
export interface GasRow {
  count: number
  gas: number
  /** Bytes of calldata. */
  calldata: number
}

export class BulkChain {
  readonly url: string
  readonly gas = new Map<string, GasRow>()
  readonly stop: () => Promise<void>
  private queue: Queued[] = []
  private readonly funded = new Set<Address>()
  private height = 0

  private constructor(url: string, stop: () => Promise<void>) {
    this.url = url
    this.stop = stop
  }

  static async start({ keepLogs = false }: { keepLogs?: boolean } = {}): Promise<BulkChain> {
    const anvil = await startAnvil([
      '--no-mining', '--order', 'fees', '--gas-limit', '10000000000', '--base-fee', '0',
      ...(keepLogs ? [] : ['--transaction-block-keeper', '4']),
    ])
    return new BulkChain(anvil.url, anvil.stop)
  }

  static keyOf(name: string): Hex {
    return keccak256(toHex(name))
  }

  /** The same actor for the same name, on every run. */
  static actor(name: string): Actor {
    const account = privateKeyToAccount(BulkChain.keyOf(name))
    return { account, address: account.address, nonce: 0 }
  }

  /** Queues a call; it is signed at once and sent by {@link flush}. */
  push(actor: Actor, label: string, to: Address | null, data: Hex): void {
    const raw = actor.account.signTransaction({
      type: 'legacy', chainId: CHAIN_ID, nonce: actor.nonce++, gas: TX_GAS, data, ...(to && { to }),
      // The node takes the calls of a batch in any order and mines the dearest first: a falling price keeps the order.
      gasPrice: BigInt(BATCH - (this.queue.length % BATCH)),
    })
    this.queue.push({ label, raw, from: actor.address, to, data })
    const row = this.gas.get(label) ?? { count: 0, gas: 0, calldata: 0 }
    this.gas.set(label, row)
    row.calldata += data.length / 2 - 1
  }

  /**
   * Sends and mines everything queued, in order.
   * @throws Error naming the call when one is refused or fails.
   */
  async flush(): Promise<Mined[]> {
    const queue = this.queue
    this.queue = []
    const mined: Mined[] = []
    const poor = [...new Set(queue.map(({ from }) => from))].filter(address => !this.funded.has(address))
    if (poor.length > 0) await this.batch(poor.map(address => ['anvil_setBalance', [address, toHex(10n ** 24n)]]))
    for (const address of poor) this.funded.add(address)
    for (let start = 0; start < queue.length; start += BATCH) {
      const part = queue.slice(start, start + BATCH)
      const raws = await Promise.all(part.map(({ raw }) => raw))
      await this.batch(raws.map(raw => ['eth_sendRawTransaction', [raw]]), index => part[index]!.label)
      await this.call('evm_mine', [])
      const [receipts, block] = await this.batch([
        ['eth_getBlockReceipts', [toHex(++this.height)]], ['eth_getBlockByNumber', [toHex(this.height), false]],
      ]) as [{ status: Hex; gasUsed: Hex; contractAddress: Address | null }[], { timestamp: Hex }]
      if (receipts.length !== part.length) throw new Error(`Block ${this.height} holds ${receipts.length} of ${part.length} transactions.`)
      const failed = receipts.findIndex(({ status }) => status !== '0x1')
      if (failed >= 0) throw new Error(`"${part[failed]!.label}" failed: ${await this.whyFailed(part[failed]!)}.`)
      receipts.forEach((receipt, index) => {
        const { label } = part[index]!
        const gas = Number(receipt.gasUsed)
        const row = this.gas.get(label)!
        row.count++
        row.gas += gas
        mined.push({ label, gas, time: Number(block.timestamp), contractAddress: receipt.contractAddress })
      })
    }
    return mined
  }

  /** The next block, and all after it, are at or after this time (Unix seconds). */
  async travel(time: number): Promise<void> {
    await this.call('evm_setNextBlockTimestamp', [Math.max(time, await this.time() + 1)])
    await this.call('evm_mine', [])
    this.height++
  }

  /** Lets the chain mine each transaction at once while something else sends them. */
  async mineByItself<T>(work: () => Promise<T>): Promise<T> {
    await this.call('evm_setAutomine', [true])
    const result = await work()
    await this.call('evm_setAutomine', [false])
    this.height = Number(await this.call('eth_blockNumber', []))
    return result
  }

  /** Time of the newest block in Unix seconds. */
  async time(): Promise<number> {
    const block = await this.call('eth_getBlockByNumber', ['latest', false]) as { timestamp: Hex }
    return Number(block.timestamp)
  }

  /** Reads by `eth_call`, in batches. */
  async read(calls: { to: Address; data: Hex }[]): Promise<Hex[]> {
    const results: Hex[] = []
    for (let start = 0; start < calls.length; start += BATCH) {
      const part = calls.slice(start, start + BATCH)
      results.push(...await this.batch(part.map(({ to, data }) => ['eth_call', [{ to, data }, 'latest']])) as Hex[])
    }
    return results
  }

  /** Whether a call would be reverted. */
  async refuses(call: { to: Address; data: Hex }): Promise<boolean> {
    return this.call('eth_call', [call, 'latest']).then(() => false, () => true)
  }

  async call(method: string, params: unknown[]): Promise<unknown> {
    return (await this.batch([[method, params]]))[0]
  }

  /** The contract's error, from calling again. */
  private async whyFailed({ from, to, data }: Queued): Promise<string> {
    const answer = await fetch(this.url, {
      method: 'POST', headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'eth_call', params: [{ from, to, data }, 'latest'] }),
    })
    const { error } = await answer.json() as { error?: { message: string; data?: Hex } }
    if (!error?.data) return error?.message ?? 'it would succeed now'
    try {
      const { errorName, args } = decodeErrorResult({ abi: allErrorsAbi as Abi, data: error.data })
      return `${errorName}(${(args ?? []).map(String).join(', ')})`
    } catch {
      return error.data
    }
  }

  private async batch(calls: [method: string, params: unknown[]][], name?: (index: number) => string): Promise<unknown[]> {
    const answer = await fetch(this.url, {
      method: 'POST', headers: { 'content-type': 'application/json' },
      body: JSON.stringify(calls.map(([method, params], id) => ({ jsonrpc: '2.0', id, method, params }))),
    })
    const results = await answer.json() as { id: number; result?: unknown; error?: { message: string } }[]
    const ordered: unknown[] = []
    for (const { id, result, error } of results) {
      if (error) throw new Error(`"${name?.(id) ?? calls[id]![0]}" was refused: ${error.message}`)
      ordered[id] = result
    }
    return ordered
  }
}
