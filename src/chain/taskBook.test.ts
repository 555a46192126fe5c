import 'fake-indexeddb/auto'
import { describe, expect, it } from 'vitest'
import { eventPosition, indexedEventStore, memoryEventStore, type EventStore, type StoredEvent } from '../store/chain.ts'
import { createTaskBook } from './taskBook.ts'

const ADDRESS = '0x00000000000000000000000000000000000000aa'
const WORD = `0x${'12'.repeat(32)}`
const at = (block: number, name: string, args: object, task = 0n): StoredEvent => ({
  position: eventPosition(block, 0), block, address: '0x', name, task: String(task), args: { taskId: task, ...args }, transactionHash: '0x',
})
const created = (block: number, task = 0n) => at(block, 'TaskCreated', {
  creator: ADDRESS, specDigest: WORD, bountyToken: ADDRESS, bond: 1n, trainerMinStake: 1n, validatorMinStake: 1n, allowlistRoot: WORD,
  clock: { start: 0, submit: 1, open: 1, validate: 1, reveal: 1, settle: 1, dispute: 1, rounds: 2 }, rules: {},
  keyHashes: [WORD, WORD], plaintextDigests: [WORD, WORD],
}, task)
const funded = (block: number, amount = 1n) => at(block, 'TaskFunded', { funder: ADDRESS, amount })
const done = (block: number, round: bigint) => at(block, 'RoundDone', { round })
const put = (store: EventStore, events: StoredEvent[]) =>
  store.append(events, { block: events.at(-1)!.block, hash: String(events.at(-1)!.block) }, events[0]!.block)

describe.each([
  ['memory', memoryEventStore],
  ['IndexedDB', () => indexedEventStore(31337, `0x${crypto.randomUUID().replaceAll('-', '')}`)],
])('tasks folded from %s', (_name, open) => {
  it('go on from what they were, and leave what was handed out as it was', async () => {
    const store = open()
    const book = createTaskBook(store)
    expect(await book.read()).toEqual(new Map())
    await put(store, [created(1), funded(2, 5n)])
    const before = (await book.read()).get('0')!
    expect((await book.read()).get('0')).toBe(before)
    await put(store, [funded(3, 7n), done(4, 0n), created(5, 1n)])
    const after = await book.read()
    expect([before.funded, before.rounds[0]!.done]).toEqual([5n, false])
    expect([after.get('0')!.funded, after.get('0')!.rounds[0]!.done]).toEqual([12n, true])
    // What no event touched is the same object.
    expect(after.get('0')!.rounds[1]).toBe(before.rounds[1])
    expect([...after.keys()]).toEqual(['0', '1'])
  })

  it('are kept, and a new book begins there', async () => {
    const store = open()
    await put(store, [created(1), ...Array.from({ length: 300 }, (_, index) => funded(2 + index))])
    const folded = await createTaskBook(store).read()
    const read: number[] = []
    const watched: EventStore = { ...store, events: from => { read.push(from ?? 0); return store.events(from) } }
    await put(store, [funded(400)])
    const again = await createTaskBook(watched).read()
    expect(read).toEqual([eventPosition(301, 0) + 1])
    expect(again.get('0')!.funded).toBe(folded.get('0')!.funded + 1n)
    expect(again.get('0')!.funders).toEqual(new Map([[ADDRESS, 301n]]))
  })

  it('are folded anew when events were forgotten, by this tab or another', async () => {
    const store = open()
    const book = createTaskBook(store)
    await put(store, [created(1), ...Array.from({ length: 300 }, (_, index) => funded(2 + index))])
    expect((await book.read()).get('0')!.funded).toBe(300n)
    await store.forgetAbove(100)
    expect((await book.read()).get('0')!.funded).toBe(99n)
    expect((await createTaskBook(store).read()).get('0')!.funded).toBe(99n)
  })
})
