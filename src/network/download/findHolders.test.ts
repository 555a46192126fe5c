/** Three nodes in a row: the outer two know the middle one only, and it holds nothing. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startRelay, type Relay } from '../../../devnet/relay/startRelay.ts'
import { addFile } from '../add/addFile.ts'
import { announce } from '../announce.ts'
import { parseCid } from '../cid.ts'
import { untilOnline } from '../untilOnline.ts'
import { fetchFile } from './fetchFile.ts'

let middle: Relay
let provider: Relay
let taker: Relay

beforeAll(async () => {
  // Takes nothing that is announced, so that only the provider can have sent it.
  middle = await startRelay({ maxBytes: 0 })
  provider = await startRelay({ relays: middle.addresses })
  taker = await startRelay({ relays: middle.addresses, maxBytes: 0 })
  await Promise.all([untilOnline(provider.node), untilOnline(taker.node)])
})

afterAll(() => Promise.all([middle.stop(), provider.stop(), taker.stop()]))

/** Ends the connection that the DHT's own questions make, until neither side makes another. */
async function part(): Promise<void> {
  const [one, other] = [provider.node.helia.libp2p, taker.node.helia.libp2p]
  await expect.poll(async () => {
    await Promise.all([one.hangUp(other.peerId), other.hangUp(one.peerId)])
    return [one, other].map(libp2p => libp2p.getPeers().map(String))
  }, { timeout: 20_000, interval: 500 }).toEqual([[middle.node.peerId], [middle.node.peerId]])
}

test('a holder who is not connected is found by its provider record', async () => {
  const content = new TextEncoder().encode('found by record')
  const cid = await addFile(provider.node, content)
  await provider.node.helia.routing.provide(parseCid(cid))
  await part()
  expect(await fetchFile(taker.node, cid, { maxBytes: 100, timeout: 5000 })).toEqual(content)
})

test('a holder who announced before the taker came is found by asking on the task’s topic', async () => {
  const content = new TextEncoder().encode('found by asking')
  const cid = await addFile(provider.node, content)
  announce(provider.node, '31337:7', cid, content.byteLength)
  await part()
  expect(await fetchFile(taker.node, cid, { maxBytes: 100, timeout: 5000, taskId: '31337:7' })).toEqual(content)
  await expect.poll(() => taker.node.announcements.holders.of(cid).map(holder => holder.peer), { timeout: 10_000 })
    .toContain(provider.node.peerId)
})
