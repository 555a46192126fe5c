/**
 * CIDs as the contracts hold them: only the 32-byte SHA-256 digest goes on
 * chain, the codec follows from what is named. A task spec is one raw block; an
 * adapter is a UnixFS directory (dag-pb). Both are CID version 1.
 */
import { base32 } from 'multiformats/bases/base32'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { bytesToHex, hexToBytes, type Hex } from 'viem'
import { ArenaError } from './errors.ts'

const SHA2_256 = 0x12
const CODECS = { raw: 0x55, 'dag-pb': 0x70 } as const

/** The two kinds of block that are named on chain. */
export type CidCodec = keyof typeof CODECS

export class InvalidCidError extends ArenaError {
  override name = 'InvalidCidError'
  constructor(cid: string, why: string) {
    super(`"${cid.slice(0, 80)}" is not a CID that can be used here: ${why}.`,
      'Use a CID of version 1 with a SHA-256 hash, as the app makes them.')
  }
}

/** Whether a string is a CID of version 1 with a SHA-256 multihash. */
export function isCid(text: string): boolean {
  try {
    const cid = CID.parse(text)
    return cid.version === 1 && cid.multihash.code === SHA2_256 && cid.multihash.digest.length === 32
  } catch {
    return false
  }
}

/**
 * The bytes32 that stands for a CID on chain.
 * @throws InvalidCidError when it is no version 1 SHA-256 CID of the codec.
 */
export function cidToDigest(text: string, codec: CidCodec): Hex {
  if (!isCid(text)) throw new InvalidCidError(text, 'it does not parse as version 1 with SHA-256')
  const cid = CID.parse(text)
  if (cid.code !== CODECS[codec]) {
    throw new InvalidCidError(text, `its codec is 0x${cid.code.toString(16)}, ${codec} was expected`)
  }
  return bytesToHex(cid.multihash.digest)
}

/** The CID (base32) whose SHA-256 digest the chain holds. */
export function digestToCid(digest: Hex, codec: CidCodec): string {
  return CID.createV1(CODECS[codec], Digest.create(SHA2_256, hexToBytes(digest, { size: 32 }))).toString(base32)
}
