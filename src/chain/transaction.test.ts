import { createTestClient, http, parseEther, type Hash, type PublicClient } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startAnvil, type Anvil } from '../../tests/helpers/anvil.ts'
import { connect } from './client.ts'
import { RpcDownError } from './errors.ts'
import { followTransaction, type TransactionState } from './transaction.ts'
import { burnerWallet, createBurnerKey, type ArenaWallet } from './wallet.ts'

let anvil: Anvil
let rpc: PublicClient
let wallet: ArenaWallet
const nobody = '0x00000000000000000000000000000000000000aa'

beforeAll(async () => {
  anvil = await startAnvil(['--no-mining', '--prune-history=64'])
  const connection = await connect(anvil.url)
  rpc = connection.rpc
  wallet = burnerWallet({ key: createBurnerKey(), chain: connection.chain, rpcUrl: anvil.url })
  await test().setBalance({ address: wallet.account.address, value: parseEther('1') })
})
afterAll(() => anvil.stop())

const test = () => createTestClient({ mode: 'anvil', transport: http(anvil.url) })

async function send(options: { nonce?: number; gasPrice?: bigint } = {}): Promise<{ hash: Hash; nonce: number }> {
  const nonce = options.nonce ?? await rpc.getTransactionCount({ address: wallet.account.address })
  const hash = await wallet.sendTransaction({ to: nobody, value: 1n, nonce, gasPrice: options.gasPrice ?? 3_000_000_000n, gas: 30_000n })
  return { hash, nonce }
}

function follow(sent: { hash: Hash; nonce: number }, confirmations = 0) {
  const states: TransactionState['state'][] = []
  let told: () => void
  const firstMined = new Promise<void>(resolve => { told = resolve })
  const done = followTransaction(rpc, { ...sent, action: 'a test', from: wallet.account.address }, {
    confirmations,
    onState: ({ state }) => { states.push(state); if (state === 'mined') told() },
  })
  return { states, done, firstMined }
}

describe('a transaction followed to its end', () => {
  it('is sent, then mined', async () => {
    const { states, done } = follow(await send())
    await test().mine({ blocks: 1 })
    expect((await done).status).toBe('success')
    expect(states).toEqual(['sent', 'mined'])
  })

  it('waits for its block again after a reorganisation', async () => {
    const { hash, nonce } = await send()
    const { states, done, firstMined } = follow({ hash, nonce }, 3)
    await test().mine({ blocks: 1 })
    await firstMined
    const raw = await rpc.getBlockNumber({ cacheTime: 0 })
    await test().request({ method: 'anvil_reorg' as never, params: [1, []] as never })
    expect(await rpc.getBlockNumber({ cacheTime: 0 })).toBe(raw)
    await expect.poll(() => states.at(-1), { timeout: 5000 }).toBe('reorged')
    await send({ nonce })
    await test().mine({ blocks: 4 })
    expect((await done).transactionHash).toBe(hash)
    expect(states).toEqual(['sent', 'mined', 'reorged', 'mined'])
  })

  it('says when another one took its place', async () => {
    const { hash, nonce } = await send()
    const { states, done } = follow({ hash, nonce })
    await send({ nonce, gasPrice: 9_000_000_000n })
    const failed = expect(done).rejects.toThrow(/replaced/)
    await test().mine({ blocks: 1 })
    await failed
    expect(states).toEqual(['sent', 'replaced'])
  })

  it('says when it was dropped', async () => {
    const { hash, nonce } = await send()
    const { states, done } = follow({ hash, nonce })
    const failed = expect(done).rejects.toThrow(/dropped/)
    await test().dropTransaction({ hash })
    await failed
    expect(states).toEqual(['sent', 'dropped'])
  })

  it('can be left waiting', async () => {
    const controller = new AbortController()
    const { hash } = await send()
    const done = followTransaction(rpc, { hash, action: 'a test', from: wallet.account.address }, { signal: controller.signal })
    controller.abort()
    await expect(done).rejects.toThrow(/abort/)
    await test().dropTransaction({ hash })
  })
})

it('a node that is not there is named', async () => {
  await expect(connect('http://127.0.0.1:9')).rejects.toThrow(RpcDownError)
  await expect(connect('http://127.0.0.1:9')).rejects.toThrow(/127\.0\.0\.1:9/)
})
