import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'
import { describe, expect, it } from 'vitest'
import { cidToDigest, digestToCid, InvalidCidError, isCid } from './cid.ts'

describe('CIDs on chain', async () => {
  const cid = CID.createV1(raw.code, await sha256.digest(new TextEncoder().encode('a spec'))).toString()

  it('goes to the digest and back', () => {
    expect(digestToCid(cidToDigest(cid, 'raw'), 'raw')).toBe(cid)
    const directory = digestToCid(cidToDigest(cid, 'raw'), 'dag-pb')
    expect(directory).toMatch(/^bafybei/)
    expect(cidToDigest(directory, 'dag-pb')).toBe(cidToDigest(cid, 'raw'))
  })

  it('refuses another codec, version 0 and noise', () => {
    expect(() => cidToDigest(cid, 'dag-pb')).toThrow(InvalidCidError)
    expect(isCid('QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG')).toBe(false)
    expect(() => cidToDigest('not a cid', 'raw')).toThrow(/does not parse/)
  })
})
