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

/** Ends the connection that the DHT's own questions may have made. */
async function part(): Promise<void> {
  await taker.node.helia.libp2p.hangUp(provider.node.helia.libp2p.peerId)
  expect(taker.node.helia.libp2p.getPeers().map(String)).toEqual([middle.node.peerId])
  // The other side hears of it a little later; until then it would answer into the closed connection.
  await expect.poll(() => provider.node.helia.libp2p.getPeers().map(String), { timeout: 10_000 }).toEqual([middle.node.peerId])
}

// A want sent right after a peer came back may get lost and is only repeated after several seconds: the product's own patience, 60 s.
test('a holder who is not connected is found by its provider record', { timeout: 90_000, retry: 2 }, async () => {
  const content = new TextEncoder().encode('found by record')
  const cid = await addFile(provider.node, content)
  await provider.node.helia.routing.provide(parseCid(cid))
  await part()
  expect(await fetchFile(taker.node, cid, { maxBytes: 100, timeout: 60_000 })).toEqual(content)
})

test('a holder who announced before the taker came is found by asking on the task’s topic', { timeout: 90_000, retry: 2 }, async () => {
  const content = new TextEncoder().encode('found by asking')
  const cid = await addFile(provider.node, content)
  announce(provider.node, '31337:7', cid, content.byteLength)
  await part()
  expect(await fetchFile(taker.node, cid, { maxBytes: 100, timeout: 60_000, taskId: '31337:7' })).toEqual(content)
  await expect.poll(() => taker.node.announcements.holders.of(cid).map(holder => holder.peer), { timeout: 10_000 })
    .toContain(provider.node.peerId)
})
