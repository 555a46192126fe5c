/** The downloader against providers that hold what they should not; nodes in Node, real connections. */
import * as dagPb from '@ipld/dag-pb'
import { UnixFS } from 'ipfs-unixfs'
import { CID } from 'multiformats/cid'
import { sha256 } from 'multiformats/hashes/sha2'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startRelay, type Relay } from '../../../devnet/relay/startRelay.ts'
import { addDirectory } from '../add/addDirectory.ts'
import { addFile } from '../add/addFile.ts'
import { rawCid } from '../cid.ts'
import { fetchContent } from './fetchContent.ts'
import { fetchDirectory } from './fetchDirectory.ts'
import { fetchFile } from './fetchFile.ts'

let provider: Relay
let taker: Relay
const options = { maxBytes: 100_000, timeout: 3000 }

beforeAll(async () => {
  provider = await startRelay()
  taker = await startRelay({ relays: provider.addresses })
  await new Promise<void>(resolve => {
    taker.node.state.subscribe(state => { if (state.status === 'online') resolve() })
  })
})

afterAll(() => Promise.all([provider.stop(), taker.stop()]))

/** Puts a dag-pb block of any content into the provider's store. */
async function put(unixfs: UnixFS, links: dagPb.PBLink[] = []): Promise<string> {
  const bytes = dagPb.encode({ Data: unixfs.marshal(), Links: links })
  const cid = CID.createV1(dagPb.code, await sha256.digest(bytes))
  await provider.node.helia.blockstore.put(cid, bytes)
  return cid.toString()
}

async function leaf(length: number, fill: number): Promise<dagPb.PBLink> {
  const bytes = new Uint8Array(length).fill(fill)
  const cid = await rawCid(bytes)
  await provider.node.helia.blockstore.put(cid, bytes)
  return { Name: '', Hash: cid as dagPb.PBLink['Hash'], Tsize: length }
}

describe('what is sound arrives', () => {
  test('files of several chunks, of one block, and empty ones', async () => {
    for (const length of [0, 1, 262_144, 2_500_000]) {
      const bytes = crypto.getRandomValues(new Uint8Array(Math.min(length, 65_536)))
      const content = new Uint8Array(length).map((_, index) => bytes[index % bytes.length]!)
      const cid = await addFile(provider.node, content)
      expect(Buffer.compare(await fetchFile(taker.node, cid, { ...options, maxBytes: 3_000_000 }), content)).toBe(0)
    }
  })

  test('a file of the same chunk many times', async () => {
    const content = new Uint8Array(8 * 1024 * 1024)
    const cid = await addFile(provider.node, content)
    expect(Buffer.compare(await fetchFile(taker.node, cid, { ...options, maxBytes: content.length }), content)).toBe(0)
  })

  test('a folder, with a file that has a name of the language', async () => {
    const files = { 'a.json': new TextEncoder().encode('{}'), 'b.bin': new Uint8Array(70_000).fill(7), ['__proto__']: new Uint8Array([1]) }
    const cid = await addDirectory(provider.node, files)
    const got = await fetchDirectory(taker.node, cid, options)
    expect(Object.keys(got).sort()).toEqual(Object.keys(files).sort())
    expect(got['b.bin']).toEqual(files['b.bin'])
    expect(await fetchContent(taker.node, cid, options)).toBe(2 + 70_000 + Object.keys(files).length - 2)
  })

  test('a file with its content inside dag-pb nodes, as other programs write them', async () => {
    const inner = new UnixFS({ type: 'file', data: new TextEncoder().encode('hello ') })
    const second = new UnixFS({ type: 'file', data: new TextEncoder().encode('world') })
    const root = new UnixFS({ type: 'file' })
    root.addBlockSize(6n)
    root.addBlockSize(5n)
    const links = await Promise.all([put(inner), put(second)])
    const cid = await put(root, links.map(text => ({ Name: '', Hash: CID.parse(text) as dagPb.PBLink['Hash'], Tsize: 20 })))
    expect(new TextDecoder().decode(await fetchFile(taker.node, cid, options))).toBe('hello world')
  })
})

describe('what is not sound is refused', () => {
  test('a file that says it is larger than accepted, before its content is taken', async () => {
    const cid = await addFile(provider.node, new Uint8Array(3_000_000).map((_, index) => index >> 12))
    const before = taker.node.exchange.received
    await expect(fetchFile(taker.node, cid, options)).rejects.toMatchObject({ name: 'TooLargeError' })
    expect(taker.node.exchange.received - before).toBeLessThan(1000)
  })

  test('a single block that is larger than accepted', async () => {
    const { Hash } = await leaf(200_000, 1)
    await expect(fetchFile(taker.node, Hash.toString(), options)).rejects.toMatchObject({ name: 'TooLargeError' })
  })

  test('a file whose blocks are larger than it says', async () => {
    const root = new UnixFS({ type: 'file' })
    root.addBlockSize(10n)
    const cid = await put(root, [await leaf(90_000, 2)])
    await expect(fetchFile(taker.node, cid, options)).rejects.toThrow(/bytes/)
  })

  test('a file with more links than sizes', async () => {
    const cid = await put(new UnixFS({ type: 'file' }), [await leaf(10, 3)])
    await expect(fetchFile(taker.node, cid, options)).rejects.toMatchObject({ name: 'MalformedDagError' })
  })

  test('a folder whose files together are too large', async () => {
    const cid = await addDirectory(provider.node, { a: new Uint8Array(60_000).fill(1), b: new Uint8Array(60_000).fill(2) })
    await expect(fetchDirectory(taker.node, cid, options)).rejects.toMatchObject({ name: 'TooLargeError' })
  })

  test.each(['../up', 'a/b', '..', '', 'a\0b', 'a\\b'])('a folder with a file called %j', async name => {
    const cid = await put(new UnixFS({ type: 'directory' }), [{ ...await leaf(10, 4), Name: name }])
    await expect(fetchDirectory(taker.node, cid, options)).rejects.toMatchObject({ name: 'NotADirectoryError' })
  })

  test('a folder in a folder, a folder as a file, a file as a folder, a symbolic link', async () => {
    const inner = await addDirectory(provider.node, { a: new Uint8Array([1]) })
    const outer = await put(new UnixFS({ type: 'directory' }), [{ Name: 'inner', Hash: CID.parse(inner) as dagPb.PBLink['Hash'], Tsize: 60 }])
    await expect(fetchDirectory(taker.node, outer, options)).rejects.toMatchObject({ name: 'NotAFileError' })
    await expect(fetchFile(taker.node, inner, options)).rejects.toMatchObject({ name: 'NotAFileError' })
    const file = await addFile(provider.node, new Uint8Array([1]))
    await expect(fetchDirectory(taker.node, file, options)).rejects.toMatchObject({ name: 'NotADirectoryError' })
    const symlink = await put(new UnixFS({ type: 'symlink', data: new TextEncoder().encode('/etc/passwd') }))
    await expect(fetchFile(taker.node, symlink, options)).rejects.toMatchObject({ name: 'NotAFileError' })
  })

  test('a block that is no dag-pb at all', async () => {
    const bytes = new Uint8Array([255, 255, 255])
    const cid = CID.createV1(dagPb.code, await sha256.digest(bytes))
    await provider.node.helia.blockstore.put(cid, bytes)
    await expect(fetchFile(taker.node, cid.toString(), options)).rejects.toMatchObject({ name: 'MalformedDagError' })
  })

  test('a tower of nodes deeper than any file', async () => {
    let link = await leaf(10, 5)
    for (let level = 0; level < 8; level++) {
      const node = new UnixFS({ type: 'file' })
      node.addBlockSize(10n)
      link = { Name: '', Hash: CID.parse(await put(node, [link])) as dagPb.PBLink['Hash'], Tsize: 10 }
    }
    await expect(fetchFile(taker.node, link.Hash.toString(), options)).rejects.toMatchObject({ name: 'MalformedDagError' })
  })

  test('an abort ends it with the reason given', async () => {
    const control = new AbortController()
    const nowhere = (await rawCid(new TextEncoder().encode('nobody has this'))).toString()
    const running = fetchFile(taker.node, nowhere, { ...options, signal: control.signal })
    control.abort(new Error('enough'))
    await expect(running).rejects.toThrow('enough')
    expect(taker.node.transfers.list.get()[0]).toMatchObject({ cid: nowhere, status: 'cancelled' })
  })
})

test('a peer that did not have a block is asked again once it has it', async () => {
  const content = new TextEncoder().encode('published a little later')
  const cid = (await rawCid(content)).toString()
  const running = fetchFile(taker.node, cid, { ...options, timeout: 15_000 })
  await new Promise(resolve => setTimeout(resolve, 1500))
  await addFile(provider.node, content)
  expect(await running).toEqual(content)
})
