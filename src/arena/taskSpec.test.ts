import { describe, expect, it } from 'vitest'
import { encodeTaskSpec, InvalidTaskSpecError, MAX_SPEC_BYTES, parseTaskSpec, type TaskSpec } from './taskSpec.ts'
import { digestToCid } from './cid.ts'

const hash = 'ab'.repeat(32)
const cid = digestToCid(`0x${hash}`, 'raw')

const spec: TaskSpec = {
  version: 1,
  title: 'Nursery rhymes',
  description: 'Finish the verse.',
  models: [{
    id: 'stories260K', revision: '1', parameters: 260_032,
    files: [{ name: 'model.safetensors', sha256: hash, bytes: 1_000_000, url: 'models/stories260K/model.safetensors' }],
  }],
  parameterLimit: 400_000,
  contextLength: 256,
  shards: [{ cid, plaintextSha256: hash, rows: 20 }],
  metric: 'bits-per-byte/1',
}
const parse = (change: object) => parseTaskSpec(new TextEncoder().encode(JSON.stringify({ ...spec, ...change })))

describe('task spec', () => {
  it('comes back as it was written, and key order does not change the bytes', () => {
    expect(parseTaskSpec(encodeTaskSpec(spec))).toEqual(spec)
    const reversed = Object.fromEntries(Object.entries(spec).reverse()) as TaskSpec
    expect(encodeTaskSpec(reversed)).toEqual(encodeTaskSpec(spec))
  })

  it.each([
    ['another version', { version: 2 }, /version/],
    ['an unknown field', { surprise: 1 }, /surprise/],
    ['no shards', { shards: [] }, /shards/],
    ['a context of a billion tokens', { contextLength: 1e9 }, /contextLength/],
    ['a base over the limit', { parameterLimit: 1000 }, /no room/],
    ['a script for a URL', { models: [{ ...spec.models[0], files: [{ name: 'a', sha256: hash, bytes: 1, url: 'javascript:alert(1)' }] }] }, /url/],
    ['a path that climbs', { models: [{ ...spec.models[0], files: [{ name: 'a', sha256: hash, bytes: 1, url: 'models/../../x' }] }] }, /url/],
    ['a file that is nowhere', { models: [{ ...spec.models[0], files: [{ name: 'a', sha256: hash, bytes: 1 }] }] }, /cid or a url/],
    ['a file name that climbs', { models: [{ ...spec.models[0], files: [{ name: '../a', sha256: hash, bytes: 1, cid }] }] }, /name/],
    ['one id twice', { models: [spec.models[0], spec.models[0]] }, /ids must differ/],
  ])('refuses %s', (_what, change, message) => {
    expect(() => parse(change)).toThrow(InvalidTaskSpecError)
    expect(() => parse(change)).toThrow(message)
  })

  it('refuses what is no JSON, no UTF-8, or too long', () => {
    expect(() => parseTaskSpec(new TextEncoder().encode('{'))).toThrow(/not JSON/)
    expect(() => parseTaskSpec(Uint8Array.of(0xff, 0xfe))).toThrow(/not JSON in UTF-8/)
    expect(() => parseTaskSpec(new Uint8Array(MAX_SPEC_BYTES + 1))).toThrow(/bytes long/)
  })
})
