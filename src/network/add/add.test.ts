import { MemoryBlockstore } from 'blockstore-core'
import { createHeliaLight } from 'helia'
import { expect, test } from 'vitest'
import type { ArenaNode } from '../arenaNode.ts'
import { addBlock } from './addBlock.ts'
import { addDirectory } from './addDirectory.ts'
import { addFile } from './addFile.ts'

const node = { helia: createHeliaLight({ blockstore: new MemoryBlockstore() }) } as unknown as Pick<ArenaNode, 'helia'>

/** kubo's own CIDs: `ipfs add --cid-version 1` of the same bytes. */
test('small files have the CIDs that kubo gives them', async () => {
  expect(await addFile(node, new TextEncoder().encode('hello world\n'))).toBe('bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4')
  expect(await addFile(node, new Uint8Array())).toBe('bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku')
})

test('a file is the same given as bytes or as a Blob, above and below a chunk', async () => {
  for (const length of [1000, 1024 * 1024, 1024 * 1024 + 1, 2_500_000]) {
    const bytes = new Uint8Array(length).map((_, index) => index * 31)
    expect(await addFile(node, new Blob([bytes]))).toBe(await addFile(node, bytes))
  }
})

test('a folder does not depend on the order of its files', async () => {
  const a = new Uint8Array([1]), b = new Uint8Array([2])
  let told = 0
  const cid = await addDirectory(node, { a, b: new Blob([b]) }, { onBytes: bytes => (told += bytes) })
  expect(told).toBe(2)
  expect(await addDirectory(node, { b, a })).toBe(cid)
  expect(cid).toMatch(/^bafybei/)
})

test.each([['an empty folder', {}], ['a path', { 'a/b': new Uint8Array(1) }], ['the parent', { '..': new Uint8Array(1) }]])(
  '%s is not added', async (_name, files) => {
    await expect(addDirectory(node, files)).rejects.toMatchObject({ name: 'NotADirectoryError' })
  })

test('a spec is one raw block, whatever it says', async () => {
  expect(await addBlock(node, new TextEncoder().encode('hello world\n'))).toBe('bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4')
  await expect(addBlock(node, new Uint8Array(2_000_000))).rejects.toMatchObject({ name: 'TooLargeError' })
})
