import { createDecipheriv } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { keyCommitment, newShardKey, openShard, sealShard, sha256Hex, WrongShardError, WrongShardKeyError } from './sealedShard.ts'

describe('sealed shards', async () => {
  const rows = new TextEncoder().encode('{"conversations":[]}\n'.repeat(50))
  const hash = await sha256Hex(rows)
  const key = newShardKey()
  const file = await sealShard(key, rows)

  it('opens with its key', async () => {
    expect(await openShard(key, file, hash)).toEqual(rows)
    expect(await openShard(key, file, `0x${hash.toUpperCase()}`)).toEqual(rows)
  })

  it('is AES-256-GCM as another implementation knows it', () => {
    const decipher = createDecipheriv('aes-256-gcm', key, file.subarray(0, 12))
    decipher.setAuthTag(file.subarray(-16))
    expect(new Uint8Array(Buffer.concat([decipher.update(file.subarray(12, -16)), decipher.final()]))).toEqual(rows)
  })

  it('never encrypts twice alike', async () => {
    expect(await sealShard(key, rows)).not.toEqual(file)
  })

  it('tells a wrong key or a changed file from wrong rows', async () => {
    await expect(openShard(newShardKey(), file, hash)).rejects.toThrow(WrongShardKeyError)
    const changed = file.slice()
    changed[20]! ^= 1
    await expect(openShard(key, changed, hash)).rejects.toThrow(WrongShardKeyError)
    await expect(openShard(key, file.slice(0, 20), hash)).rejects.toThrow(WrongShardKeyError)
    await expect(openShard(key, file, 'ab'.repeat(32))).rejects.toThrow(WrongShardError)
  })

  it('commits to 32 bytes', () => {
    // keccak256 of 32 zero bytes, a constant known from Ethereum's storage layout.
    expect(keyCommitment(new Uint8Array(32))).toBe('0x290decd9548b62a8d60345a988386fc84ba6bc95484008f6362f93160ef3e563')
    expect(() => keyCommitment('0x00')).toThrow(/32 bytes/)
  })
})
