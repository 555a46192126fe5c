import { MemoryBlockstore } from 'blockstore-core'
import { createHeliaLight } from 'helia'
import { CID } from 'multiformats/cid'
import { expect, test } from 'vitest'
import { addDirectory } from '../add/addDirectory.ts'
import { addFile } from '../add/addFile.ts'
import type { ArenaNode } from '../arenaNode.ts'
import { concatenate, heldBlock } from '../download/blocks.ts'
import { exportCar } from './exportCar.ts'
import { importCar } from './importCar.ts'

const emptyNode = () => ({ helia: createHeliaLight({ blockstore: new MemoryBlockstore() }) }) as unknown as Pick<ArenaNode, 'helia'>
const maxBytes = 10_000_000

async function carOf(node: Pick<ArenaNode, 'helia'>, cid: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const part of exportCar(node, cid)) parts.push(part.slice())
  return concatenate(parts)
}

async function folder() {
  const node = emptyNode()
  const cid = await addDirectory(node, {
    'adapter_config.json': new TextEncoder().encode('{}'), 'adapter_model.safetensors': new Uint8Array(2_500_000).map((_, index) => index >> 10),
  })
  return { node, cid, car: await carOf(node, cid) }
}

test('a folder goes through a CAR file and is the same', async () => {
  const { cid, car } = await folder()
  const other = emptyNode()
  const seen: number[] = []
  expect(await importCar(other, new Blob([car as Uint8Array<ArrayBuffer>]), { maxBytes, onProgress: bytes => seen.push(bytes) })).toEqual([cid])
  expect(seen.at(-1)).toBe(car.byteLength)
  expect(Buffer.compare(await carOf(other, cid), car)).toBe(0)
})

test('a flipped bit anywhere in a block is found', async () => {
  const { car } = await folder()
  for (const at of [200, car.byteLength >> 1, car.byteLength - 1]) {
    const wrong = car.slice()
    wrong[at]! ^= 1
    await expect(importCar(emptyNode(), wrong, { maxBytes })).rejects.toMatchObject({ name: 'BadCarError' })
  }
})

test('a cut, an empty and a wrong file, and one that is too large, are refused', async () => {
  const { car } = await folder()
  await expect(importCar(emptyNode(), car.subarray(0, car.byteLength - 5), { maxBytes })).rejects.toMatchObject({ name: 'BadCarError' })
  await expect(importCar(emptyNode(), new Uint8Array(), { maxBytes })).rejects.toMatchObject({ name: 'BadCarError' })
  await expect(importCar(emptyNode(), new TextEncoder().encode('PK\u0003\u0004 not a CAR'), { maxBytes })).rejects.toMatchObject({ name: 'BadCarError' })
  await expect(importCar(emptyNode(), car, { maxBytes: 1000 })).rejects.toMatchObject({ name: 'TooLargeError' })
})

test('what is not held, or held wrongly, is not exported', async () => {
  const node = emptyNode()
  const cid = await addFile(node, new Uint8Array(3_000_000).map((_, index) => index >> 8))
  await expect(carOf(emptyNode(), cid)).rejects.toMatchObject({ name: 'NotHeldHereError' })
  const leaf = await addFile(node, new Uint8Array(10))
  expect(await heldBlock(node, CID.parse(leaf))).toEqual(new Uint8Array(10))
  const bytes = new MemoryBlockstore()
  await bytes.put(CID.parse(leaf), new Uint8Array(11))
  const liar = { helia: createHeliaLight({ blockstore: bytes }) } as unknown as Pick<ArenaNode, 'helia'>
  await expect(carOf(liar, leaf)).rejects.toMatchObject({ name: 'NotHeldHereError' })
})
