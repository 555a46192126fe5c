/**
 * CIDs as the network takes them. The digests that stand on chain are made by
 * `src/arena/cid.ts`; here only what may be fetched is decided.
 */
import * as dagPb from '@ipld/dag-pb'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'
import { UnusableCidError } from './errors.ts'

/**
 * A version 1 SHA-256 CID of codec raw or dag-pb.
 * @throws UnusableCidError for anything else, identity hashes included.
 */
export function parseCid(text: string): CID {
  let cid: CID
  try {
    cid = CID.parse(text)
  } catch {
    throw new UnusableCidError(text, 'it does not parse')
  }
  return usableCid(cid)
}

/** @throws UnusableCidError unless the CID is of version 1, SHA-256, and raw or dag-pb. */
export function usableCid(cid: CID): CID {
  if (cid.version !== 1) throw new UnusableCidError(cid.toString(), 'it is of version 0')
  if (cid.multihash.code !== sha256.code || cid.multihash.digest.length !== 32) {
    throw new UnusableCidError(cid.toString(), 'its hash is not SHA-256')
  }
  if (cid.code !== raw.code && cid.code !== dagPb.code) {
    throw new UnusableCidError(cid.toString(), `its codec 0x${cid.code.toString(16)} is neither raw nor dag-pb`)
  }
  return cid
}

/** The CID of bytes as one raw block. */
export async function rawCid(bytes: Uint8Array): Promise<CID> {
  return CID.createV1(raw.code, await sha256.digest(bytes))
}

/** Whether the bytes have the hash that the CID promises. */
export async function matchesCid(cid: CID, bytes: Uint8Array): Promise<boolean> {
  const { digest } = await sha256.digest(bytes)
  return digest.every((byte, index) => byte === cid.multihash.digest[index])
}

/** A key that is the same for two CIDs with the same digest, whatever their codec. */
export function digestKey(cid: CID): string {
  return String.fromCharCode(...cid.multihash.digest)
}
