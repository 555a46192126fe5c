import { expect, test } from 'vitest'
import { parseAnnouncement } from './announcements.ts'
import { parsePresence } from './discovery.ts'
import { HolderBook } from './holderBook.ts'

const cid = 'bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4'
const peer = '12D3KooWJfxxs7V62kRRJMM4Ctru5e8SnhM6PqFiYFzuwc7Muv7e'
const other = '12D3KooWDjxmggatVzSdjAT9a5AGtDJ4QtGQZW1GKCrzzw7uqb4i'
const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))
const sound = { version: 1, kind: 'have', cid, bytes: 12, addresses: ['/ip4/127.0.0.1/tcp/1/ws'] }

test('an announcement is taken whole or not at all', () => {
  expect(parseAnnouncement(bytes(sound))).toEqual(sound)
  for (const wrong of [
    { ...sound, version: 2 }, { ...sound, kind: 'take' }, { ...sound, cid: 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG' },
    { ...sound, bytes: -1 }, { ...sound, bytes: 1.5 }, { ...sound, more: true }, { ...sound, addresses: Array(4).fill('/ip4/1.1.1.1') },
    null, [], 'text',
  ]) expect(parseAnnouncement(bytes(wrong))).toBeNull()
  expect(parseAnnouncement(new Uint8Array([0xff, 0xfe]))).toBeNull()
  expect(parseAnnouncement(bytes({ ...sound, addresses: ['x'.repeat(4000)] }))).toBeNull()
})

test('what validators say of their scores is taken whole or not at all', () => {
  const validator = `0x${'a1'.repeat(20)}`
  const seal = { version: 1, kind: 'seal', round: 0, validator, seal: `0x${'12'.repeat(32)}`, signature: `0x${'34'.repeat(65)}` }
  const reveal = { version: 1, kind: 'reveal', round: 3, batch: 1, validator, salt: `0x${'12'.repeat(32)}`, vector: `0x${'00000001'.repeat(251)}` }
  const scoring = { version: 1, kind: 'scoring', round: 0, validator }
  expect(parseAnnouncement(bytes(scoring))).toEqual(scoring)
  expect(parseAnnouncement(bytes(seal))).toEqual(seal)
  expect(parseAnnouncement(bytes(reveal))).toEqual(reveal)
  for (const wrong of [
    { ...scoring, seal: seal.seal }, { ...seal, signature: '0x12' }, { ...seal, validator: '0xzz' }, { ...seal, round: -1 }, { ...seal, batch: 1 },
    { ...reveal, vector: '0x123' }, { ...reveal, vector: '0x' }, { ...reveal, vector: `0x${'00000001'.repeat(400)}` }, { ...reveal, kind: 'seal' },
  ]) expect(parseAnnouncement(bytes(wrong))).toBeNull()
})

test('a presence leads to its own sender, over WebRTC, or nowhere', () => {
  const relayed = (id: string) => `/ip4/127.0.0.1/tcp/9001/ws/p2p/${other}/p2p-circuit/webrtc/p2p/${id}`
  const say = (...addresses: string[]) => parsePresence(bytes({ version: 1, addresses }), peer).map(String)
  expect(say(relayed(peer))).toEqual([relayed(peer)])
  expect(say(relayed(other))).toEqual([])
  expect(say(`/ip4/127.0.0.1/tcp/9001/ws/p2p/${peer}`)).toEqual([])
  expect(say('not a multiaddr')).toEqual([])
  expect(parsePresence(new Uint8Array(5000), peer)).toEqual([])
})

test('the book of holders stays bounded and remembers the latest', () => {
  const book = new HolderBook()
  expect(book.add('a', 'p0', [])).toBe(true)
  expect(book.add('a', 'p0', ['x'])).toBe(false)
  for (let index = 1; index < 40; index++) book.add('a', `p${index}`, [])
  expect(book.of('a')).toHaveLength(32)
  expect(book.of('a')[0]!.peer).toBe('p39')
  for (let index = 0; index < 5000; index++) book.add(`cid${index}`, 'p', [])
  expect(book.of('a')).toEqual([])
  expect(book.of('cid4999')).toHaveLength(1)
})
