/**
 * The network as people use it: real Chromium tabs in profiles of their own, a
 * real relay in Node, real WebRTC between them.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startRelay, type Relay } from '../../devnet/relay/startRelay.ts'
import { listPins } from '../../src/network/pins.ts'
import { launchChromium } from '../../tools/chromium.ts'
import type { PageApi } from './page.ts'
import { servePage } from './site.ts'

const MIB = 1024 * 1024

interface Tab {
  context: BrowserContext
  page: Page
  id: string
}

let relay: Relay
let site: Awaited<ReturnType<typeof servePage>>
let browser: Browser
const contexts = new Set<BrowserContext>()

function call<K extends keyof PageApi>(page: Page, name: K, ...args: Parameters<PageApi[K]>): Promise<Awaited<ReturnType<PageApi[K]>>> {
  return page.evaluate(
    ([name, args]) => (window as never as { network: Record<string, (...args: unknown[]) => unknown> }).network[name]!(...args as unknown[]),
    [name, args] as const,
  ) as Promise<Awaited<ReturnType<PageApi[K]>>>
}

async function load(context: BrowserContext, relays: string[]): Promise<Tab> {
  const page = await context.newPage()
  page.on('pageerror', error => console.error('page error:', error.message))
  await page.goto(site.url)
  await page.waitForFunction(() => 'network' in window)
  return { context, page, id: await call(page, 'start', relays) }
}

async function openTab(relays = relay.addresses): Promise<Tab> {
  const context = await browser.newContext()
  contexts.add(context)
  const tab = await load(context, relays)
  await call(tab.page, 'online', 15_000)
  return tab
}

async function close(tab: Tab): Promise<void> {
  contexts.delete(tab.context)
  await tab.context.close()
}

async function until(check: () => Promise<boolean>, what: string, timeout = 20_000): Promise<number> {
  const started = Date.now()
  while (!await check()) {
    if (Date.now() - started > timeout) throw new Error(`waited ${timeout} ms for: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  return Date.now() - started
}

const isDirect = (tab: Tab, other: Tab) => async () =>
  (await call(tab.page, 'state')).peers.some(peer => peer.id === other.id && peer.path === 'direct' && peer.transport === 'webrtc')

beforeAll(async () => {
  // Nothing is announced but where a test says so; the relay then holds nothing itself.
  [relay, site, browser] = await Promise.all([startRelay({ maxBytes: 2 * MIB }), servePage(), launchChromium()])
})

afterAll(async () => {
  await browser?.close()
  await Promise.all([relay?.stop(), site?.close()])
})

test('two tabs reach each other directly and swap 5 MB; a third gets it from the second when the first is gone', async () => {
  const [a, b] = await Promise.all([openTab(), openTab()])
  const { cid, sha256 } = await call(a.page, 'add', 5 * MIB + 12_345, 1)
  const direct = await until(isDirect(b, a), 'direct WebRTC between two tabs')

  const got = await call(b.page, 'fetchFile', cid, 8 * MIB, 20_000)
  expect(got).toMatchObject({ sha256, bytes: 5 * MIB + 12_345 })
  const seen = got.seen
  expect(seen.at(0)).toBe(0)
  expect(seen.at(-1)).toBe(5 * MIB + 12_345)
  expect([...seen].sort((x, y) => x - y)).toEqual(seen)
  await until(async () => (await call(b.page, 'state')).transfers[0]?.status === 'done', 'the finished transfer in the state')
  const [transfer] = (await call(b.page, 'state')).transfers
  expect(transfer).toMatchObject({ cid, status: 'done', blocks: [3, 3, 3, 3, 3, 3], peers: [{ id: a.id, bytes: 5 * MIB + 12_345 }] })
  expect((await call(b.page, 'state')).bytesIn).toBeGreaterThan(5 * MIB)
  console.log(`direct after ${direct} ms; 5 MiB in ${Math.round(got.ms!)} ms`)

  await close(a)
  const c = await openTab()
  await until(isDirect(c, b), 'direct WebRTC to the second tab')
  expect(await call(c.page, 'holders', cid)).toEqual([b.id])
  expect(await call(c.page, 'fetchFile', cid, 8 * MIB, 20_000)).toMatchObject({ sha256 })
  expect((await call(c.page, 'state')).transfers[0]!.peers.map(peer => peer.id)).toEqual([b.id])
  await Promise.all([close(b), close(c)])
}, 150_000)

test('an adapter folder comes back file by file, and is the same after a reload of the tab that pinned it', async () => {
  const [a, b] = await Promise.all([openTab(), openTab()])
  const cid = await call(a.page, 'addFolder', 300_000, 2)
  await call(a.page, 'pin', cid)
  await a.page.close()
  const again = await load(a.context, relay.addresses)
  expect(again.id).toBe(a.id)
  expect((await call(again.page, 'pins')).map(pin => pin.cid)).toEqual([cid])
  const files = await call(b.page, 'fetchFolder', cid, MIB, 20_000)
  expect(Object.keys(files).sort()).toEqual(['adapter_config.json', 'adapter_model.safetensors'])
  // The same folder has the same CID wherever it is added.
  expect(await call(b.page, 'addFolder', 300_000, 2)).toBe(cid)
  await Promise.all([close(a), close(b)])
}, 150_000)

test('a second tab of one profile is a peer of its own and shares the blocks', async () => {
  const a = await openTab()
  const { cid, sha256 } = await call(a.page, 'add', 100_000, 3)
  const second = await load(a.context, relay.addresses)
  expect(second.id).not.toBe(a.id)
  expect(await call(second.page, 'fetchFile', cid, MIB, 5000)).toMatchObject({ sha256 })
  await close(a)
}, 150_000)

test('a download whose provider leaves half-way is finished by another peer, without asking twice for what is held', async () => {
  const [a, b, c] = await Promise.all([openTab(), openTab(), openTab()])
  const { cid, sha256 } = await call(a.page, 'add', 12 * MIB, 4)
  await Promise.all([until(isDirect(c, a), 'c to a'), until(isDirect(c, b), 'c to b'), until(isDirect(b, a), 'b to a')])
  // The second provider gets its copy first.
  expect(await call(b.page, 'fetchFile', cid, 32 * MIB, 20_000)).toMatchObject({ sha256 })
  const cut = await call(c.page, 'fetchFile', cid, 32 * MIB, 20_000, 3 * MIB)
  expect(cut.error).toBe('AbortError')
  const held = cut.seen.at(-1)!
  expect(held).toBeGreaterThanOrEqual(3 * MIB)

  const rest = call(c.page, 'fetchFile', cid, 32 * MIB, 20_000)
  await until(async () => (await call(c.page, 'state')).transfers[0]!.done > 5 * MIB, 'some more of it')
  await close(a)
  const left = Date.now()
  const got = await rest
  console.log(`finished by another peer ${Date.now() - left} ms after the first had left`)
  expect(got).toMatchObject({ sha256 })
  await until(async () => (await call(c.page, 'state')).transfers[0]!.status === 'done', 'the end in the state')
  const [transfer] = (await call(c.page, 'state')).transfers
  expect(transfer!.blocks.filter(state => state === 2).length).toBeGreaterThanOrEqual(3)
  expect(transfer!.peers.map(peer => peer.id)).toContain(b.id)
  await Promise.all([close(b), close(c)])
}, 150_000)

test('the only provider leaves and comes back: the download goes on where it was', async () => {
  const [a, b] = await Promise.all([openTab(), openTab()])
  const { cid, sha256 } = await call(a.page, 'add', 12 * MIB, 5)
  await until(isDirect(b, a), 'b to a')
  const got = call(b.page, 'fetchFile', cid, 32 * MIB, 40_000)
  await until(async () => ((await call(b.page, 'state')).transfers[0]?.done ?? 0) >= 2 * MIB, 'the first blocks')
  await a.page.close()
  await until(async () => !(await call(b.page, 'state')).peers.some(peer => peer.id === a.id && peer.path === 'direct'), 'the loss', 30_000)
  const { done } = (await call(b.page, 'state')).transfers[0]!
  expect(done).toBeLessThan(12 * MIB)
  await load(a.context, relay.addresses)
  expect(await got).toMatchObject({ sha256 })
  await Promise.all([close(a), close(b)])
}, 150_000)

test('what cannot be used is refused with its reason', async () => {
  const [a, b] = await Promise.all([openTab(), openTab()])
  await until(isDirect(b, a), 'b to a')
  const big = await call(a.page, 'add', 3 * MIB, 6)
  const tooLarge = await call(b.page, 'fetchFile', big.cid, 2 * MIB, 10_000)
  expect(tooLarge).toMatchObject({ error: 'TooLargeError' })
  expect(new Set(tooLarge.seen)).toEqual(new Set([0]))
  expect(tooLarge.advice).toMatch(/smaller/)

  const lie = await call(a.page, 'add', 200_000, 7)
  await call(a.page, 'spoil', lie.cid)
  expect(await call(b.page, 'fetchFile', lie.cid, MIB, 6000)).toMatchObject({ error: 'CorruptBlockError' })

  const nowhere = 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy'
  const missing = await call(b.page, 'fetchFile', nowhere, MIB, 4000)
  expect(missing).toMatchObject({ error: 'NotFoundAtAnyPeerError' })
  expect(missing.message).toMatch(/\d peers were asked/)

  expect(await call(b.page, 'fetchFolder', big.cid, 8 * MIB, 10_000)).toEqual({ error: 'NotADirectoryError' })
  expect(await call(b.page, 'fetchFile', await call(a.page, 'addFolder', 1000, 8), MIB, 10_000)).toMatchObject({ error: 'NotAFileError' })
  expect(await call(b.page, 'fetchFile', 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG', MIB, 1000)).toMatchObject({ error: 'UnusableCidError' })
  await Promise.all([close(a), close(b)])
}, 150_000)

test('the relay pins what is announced within its limits, and serves it when the tab is gone', async () => {
  const [a, b] = await Promise.all([openTab(), openTab()])
  const small = await call(a.page, 'add', 700_000, 9)
  const big = await call(a.page, 'add', 3 * MIB, 10)
  await call(a.page, 'announce', 'test:1', big.cid, 3 * MIB)
  // A lie about the size is found out before the content is taken.
  await call(a.page, 'announce', 'test:1', big.cid, 1)
  await call(a.page, 'announce', 'test:1', small.cid, 700_000)
  await until(async () => (await listPins(relay.node)).some(pin => pin.cid === small.cid), 'the pin at the relay')
  await close(a)
  await until(async () => (await call(b.page, 'holders', small.cid)).includes(relay.node.peerId), 'the relay as a holder')
  expect(await call(b.page, 'fetchFile', small.cid, MIB, 10_000)).toMatchObject({ sha256: small.sha256 })
  expect((await listPins(relay.node)).map(pin => pin.cid)).not.toContain(big.cid)
  await close(b)
}, 150_000)

test('a relay that goes down and comes back is found again, and tabs meet through it', async () => {
  const port = 20_000 + Math.floor(Math.random() * 20_000)
  const store = mkdtempSync(join(tmpdir(), 'lanista-relay-'))
  let own = await startRelay({ port, store })
  const a = await openTab(own.addresses)
  await own.stop()
  await until(async () => (await call(a.page, 'state')).status === 'offline', 'the loss of the relay')
  const [down] = (await call(a.page, 'state')).relays
  expect(down).toMatchObject({ status: 'unreachable', reserved: false })
  expect(await call(a.page, 'online', 500).catch((error: Error) => error.message)).toMatch(/None of 1 relays answered/)

  const { addresses } = own
  own = await startRelay({ port, store })
  expect(own.addresses).toEqual(addresses)
  const back = await until(async () => (await call(a.page, 'state')).relays[0]!.reserved, 'the reservation again', 30_000)
  const b = await openTab(own.addresses)
  await until(isDirect(b, a), 'direct WebRTC through the new relay')
  console.log(`relay found again after ${back} ms`)
  await Promise.all([close(a), close(b)])
  await own.stop()
  rmSync(store, { recursive: true })
}, 150_000)
