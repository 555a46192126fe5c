import 'fake-indexeddb/auto'
import { describe, expect, it } from 'vitest'
import { eventPosition, indexedEventStore, memoryEventStore, type StoredEvent } from './chain.ts'

const event = (block: number, log = 0): StoredEvent => ({
  position: eventPosition(block, log), block, address: '0x', name: 'Test', task: '0', args: { wei: BigInt(block) }, transactionHash: '0x',
})
const blocks = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => event(from + index))
const checkpoint = (block: number, fork = 'a') => ({ block, hash: `${block}${fork}` })

/** A store, and a second tab's view of the same one. */
const stores = [
  ['memory', () => { const store = memoryEventStore(); return [store, store] as const }],
  ['IndexedDB', () => {
    const address = `0x${crypto.randomUUID().replaceAll('-', '')}`
    return [indexedEventStore(31337, address), indexedEventStore(31337, address)] as const
  }],
] as const

describe.each(stores)('events in %s', (_name, open) => {
  it('come back in order, from any position on, whatever chunks they came in', async () => {
    const [store] = open()
    await store.append(blocks(1, 3), checkpoint(3), 1)
    await store.append(blocks(4, 900), checkpoint(900), 4)
    await store.append([], checkpoint(950), 901)
    await store.append(blocks(951, 960), checkpoint(960), 951)
    expect(await store.events()).toEqual([...blocks(1, 900), ...blocks(951, 960)])
    expect(await store.events(eventPosition(898, 0))).toEqual([...blocks(898, 900), ...blocks(951, 960)])
    expect(await store.events(eventPosition(961, 0))).toEqual([])
    await store.pruneCheckpoints(2)
    expect((await store.checkpoints()).map(({ block }) => block)).toEqual([960, 950])
  })

  it('are stored once when two tabs read the same blocks, also of two forks', async () => {
    const [one, other] = open()
    await one.append(blocks(1, 10), checkpoint(10), 1)
    await other.append(blocks(1, 12), checkpoint(12), 1)
    await one.append(blocks(1, 5), checkpoint(5), 1)
    expect(await one.events()).toEqual(blocks(1, 12))
    const forked = { ...event(12), transactionHash: '0xfork' }
    await one.append([forked], checkpoint(12, 'b'), 11)
    expect(await one.events()).toEqual([...blocks(1, 10), forked])
  })

  it('are forgotten above a block, and with them what was derived from them', async () => {
    const [store, other] = open()
    await store.append(blocks(1, 20), checkpoint(20), 1)
    await store.append(blocks(21, 700), checkpoint(700), 21)
    const generation = await store.generation()
    await store.keep([{ name: 'task:1', block: 10, value: new Map([['x', 1n]]) }, { name: 'task:2', block: 30, value: 2 }], generation)
    await store.forgetAbove(15)
    expect(await other.events()).toEqual(blocks(1, 15))
    expect(await other.checkpoints()).toEqual([])
    expect(await other.derived('task:')).toEqual([{ name: 'task:1', block: 10, value: new Map([['x', 1n]]) }])
    expect(await other.generation()).toBe(generation + 1)
    // What was computed before the forgetting comes too late.
    await other.keep([{ name: 'task:2', block: 12, value: 3 }], generation)
    expect(await store.derived('task:2')).toEqual([])
    await other.keep([{ name: 'task:2', block: 12, value: 3 }], generation + 1)
    expect(await store.derived('task:2')).toHaveLength(1)
  })
})
