/**
 * Hidden validation rows. A shard is encrypted with AES-256-GCM under its own
 * key; the file is a random 12-byte nonce followed by ciphertext and tag
 * (NIST SP 800-38D). GCM shows a wrong key or a changed file; the hash of the
 * plaintext, committed to on chain, binds the creator to one set of rows, which
 * GCM alone does not (Dodis et al. 2018, "Fast message franking").
 */
import { bytesToHex, hexToBytes, keccak256, type Hex } from 'viem'
import { ArenaError } from './errors.ts'

const NONCE_BYTES = 12
const TAG_BYTES = 16

export class WrongShardKeyError extends ArenaError {
  override name = 'WrongShardKeyError'
  constructor(options?: ErrorOptions) {
    super('The hidden shard does not open with the key that is on chain.',
      'Fetch the shard again; if it still does not open, report the creator\'s shard as broken.', options)
  }
}

export class WrongShardError extends ArenaError {
  override name = 'WrongShardError'
  constructor(expected: string, actual: string) {
    super(`The hidden shard's rows hash to ${actual}, the creator had committed to ${expected}.`,
      'Score nothing and report the shard as broken: the creator is slashed when most validators agree.')
  }
}

/** A fresh 32-byte shard key. */
export function newShardKey(): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(32))
}

/** What the chain holds of a key until it is revealed: keccak256 of its 32 bytes. */
export function keyCommitment(key: Uint8Array | Hex): Hex {
  return keccak256(toKey(key))
}

/** SHA-256 in lower-case hex without a prefix, as specs write it. */
export async function sha256Hex(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)
  return bytesToHex(new Uint8Array(digest)).slice(2)
}

/** Encrypts a shard's plaintext: nonce, ciphertext, tag in one file. */
export async function sealShard(key: Uint8Array | Hex, plaintext: Uint8Array): Promise<Uint8Array> {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES))
  const body = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv: nonce }, await importKey(key, 'encrypt'), plaintext as Uint8Array<ArrayBuffer>)
  const file = new Uint8Array(NONCE_BYTES + body.byteLength)
  file.set(nonce)
  file.set(new Uint8Array(body), NONCE_BYTES)
  return file
}

/**
 * Decrypts a shard and holds the rows against the creator's commitment.
 * @param plaintextSha256 64 hex digits, with or without `0x`.
 * @throws WrongShardKeyError when key and file do not belong together or the file was changed.
 * @throws WrongShardError when the rows are not those committed to.
 */
export async function openShard(key: Uint8Array | Hex, file: Uint8Array, plaintextSha256: string): Promise<Uint8Array> {
  if (file.byteLength < NONCE_BYTES + TAG_BYTES) throw new WrongShardKeyError()
  let plaintext: Uint8Array
  try {
    plaintext = new Uint8Array(await crypto.subtle.decrypt(
      { name: 'AES-GCM', iv: file.slice(0, NONCE_BYTES) }, await importKey(key, 'decrypt'), file.slice(NONCE_BYTES)))
  } catch (cause) {
    throw new WrongShardKeyError({ cause })
  }
  const expected = plaintextSha256.replace(/^0x/, '').toLowerCase()
  const actual = await sha256Hex(plaintext)
  if (actual !== expected) throw new WrongShardError(expected, actual)
  return plaintext
}

function toKey(key: Uint8Array | Hex): Uint8Array<ArrayBuffer> {
  const bytes = typeof key === 'string' ? hexToBytes(key) : new Uint8Array(key)
  if (bytes.byteLength !== 32) throw new RangeError(`A shard key has 32 bytes, this one has ${bytes.byteLength}.`)
  return bytes as Uint8Array<ArrayBuffer>
}

function importKey(key: Uint8Array | Hex, use: 'encrypt' | 'decrypt'): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', toKey(key), 'AES-GCM', false, [use])
}
