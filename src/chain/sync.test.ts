import 'fake-indexeddb/auto'
import { createTestClient, http, parseEther, RpcRequestError, type Abi, type PublicClient } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startLocalArena, type LocalArena } from '../../tests/helpers/localArena.ts'
import { defaultRules } from '../arena/defaultRules.ts'
import { keyCommitment } from '../arena/sealedShard.ts'
import { indexedEventStore, memoryEventStore, type EventStore } from '../store/chain.ts'
import { arenaAbi } from './abi.ts'
import type { ArenaWriter } from './arena.ts'
import { syncEvents, type SyncSource } from './sync.ts'
import { createTask } from './writes/createTask.ts'
import { fundTask } from './writes/fundTask.ts'

const WORD = `0x${'12'.repeat(32)}` as const
let arena: LocalArena
let creator: ArenaWriter
let taskId: bigint

beforeAll(async () => {
  // Reorganising needs some history.
  arena = await startLocalArena(['--prune-history=200'])
  creator = await arena.writer(1)
  taskId = (await createTask(creator, {
    specDigest: WORD, bounty: parseEther('1'), bond: parseEther('100'), trainerMinStake: parseEther('1'), validatorMinStake: parseEther('1'),
    clock: { start: 0, submit: 1e6, open: 100, validate: 100, reveal: 100, settle: 100, dispute: 100 },
    rules: defaultRules, shards: [{ keyHash: keyCommitment(WORD), plaintextDigest: WORD }],
  })).taskId
})
afterAll(() => arena.stop())

const fund = (wei: bigint) => fundTask(creator, { taskId, token: arena.deployment.token, amount: wei })
const source = (rpc: PublicClient = arena.rpc): SyncSource => ({
  rpc, addresses: [arena.deployment.arena], abi: arenaAbi as Abi, fromBlock: BigInt(arena.deployment.block),
})
const amounts = async (store: EventStore) =>
  (await store.events()).filter(({ name }) => name === 'TaskFunded').map(({ args }) => args.amount)

/** A node that answers for so many blocks at most, and counts what it is asked. */
function limited(blocks: bigint): { rpc: PublicClient; asked: { refused: number; answered: number } } {
  const asked = { refused: 0, answered: 0 }
  const getLogs = (args: { fromBlock: bigint; toBlock: bigint }) => {
    if (args.toBlock - args.fromBlock >= blocks) {
      asked.refused++
      throw new RpcRequestError({ body: {}, url: arena.url, error: { code: -32005, message: 'block range is too wide' } })
    }
    asked.answered++
    return arena.rpc.getLogs(args)
  }
  return { rpc: { ...arena.rpc, getLogs } as unknown as PublicClient, asked }
}

describe.each([
  ['memory', memoryEventStore],
  ['IndexedDB', () => indexedEventStore(31337, `0x${crypto.randomUUID().replaceAll('-', '')}`)],
])('events synced into %s', (_name, open) => {
  it('adapts to what the node allows, and reads each event once', async () => {
    const store = open()
    for (let wei = 1n; wei <= 12n; wei++) await fund(wei)
    const { rpc, asked } = limited(3n)
    await syncEvents(source(rpc), store, { firstRange: 64 })
    expect(asked.refused).toBeGreaterThan(3)
    expect(asked.answered).toBeGreaterThan(3)
    const free = memoryEventStore()
    await syncEvents(source(), free)
    expect(await store.events()).toEqual(await free.events())
    expect((await syncEvents(source(), store)).events).toBe(0)
  })

  it('goes on where it was cut off', async () => {
    const store = open()
    const controller = new AbortController()
    await expect(syncEvents(source(limited(2n).rpc), store, {
      firstRange: 2, signal: controller.signal, onProgress: ({ done }) => { if (done >= 4) controller.abort() },
    })).rejects.toThrow(/abort/)
    const [first] = await store.checkpoints()
    const before = (await amounts(store)).length
    const { asked, rpc } = limited(1000n)
    await syncEvents(source(rpc), store)
    expect(first!.block).toBeLessThan((await store.checkpoints())[0]!.block)
    expect(asked.answered).toBe(1)
    const free = memoryEventStore()
    await syncEvents(source(), free)
    expect(await amounts(store)).toEqual(await amounts(free))
    expect((await amounts(free)).length).toBeGreaterThan(before)
  })

  it('forgets what a reorganisation undid', async () => {
    const store = open()
    await syncEvents(source(), store)
    const kept = await amounts(store)
    await fund(777n)
    await syncEvents(source(), store)
    expect(await amounts(store)).toEqual([...kept, 777n])
    const test = createTestClient({ mode: 'anvil', transport: http(arena.url) })
    await test.request({ method: 'anvil_reorg' as never, params: [1, []] as never })
    await test.request({ method: 'anvil_dropAllTransactions' as never, params: [] as never })
    await test.mine({ blocks: 2 })
    const { reorged } = await syncEvents(source(), store)
    expect(reorged).toBe(true)
    expect(await amounts(store)).toEqual(kept)
    await fund(888n)
    await syncEvents(source(), store)
    expect(await amounts(store)).toEqual([...kept, 888n])
  })
})
