/** The client against our own implementation of the service, which really fetches what it is asked to pin. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startPinningApi, type PinningApi } from '../../../devnet/relay/pinningApi.ts'
import { startRelay, type Relay } from '../../../devnet/relay/startRelay.ts'
import { addDirectory } from '../add/addDirectory.ts'
import { listPins } from '../pins.ts'
import { pinAtService } from './pinAtService.ts'
import { pinningServiceSchema, type PinningService } from './service.ts'
import { servicePins, unpinAtService } from './servicePins.ts'

let own: Relay
let theirs: Relay
let api: PinningApi
let service: PinningService

beforeAll(async () => {
  [own, theirs] = await Promise.all([startRelay(), startRelay({ maxBytes: 100_000 })])
  api = await startPinningApi(theirs, { token: 'a token of the test' })
  service = { name: 'Test pinner', endpoint: api.url, token: 'a token of the test' }
})

afterAll(() => Promise.all([api.close(), own.stop(), theirs.stop()]))

test('a folder is pinned at the service, listed, and let go', async () => {
  const cid = await addDirectory(own.node, { a: new Uint8Array(1000).fill(1), b: new Uint8Array(2000).fill(2) })
  const said: string[] = []
  await pinAtService(own.node, service, cid, { name: 'adapter', onStatus: status => said.push(status) })
  expect(said).toEqual(['pinning', 'pinned'])
  expect((await listPins(theirs.node)).map(pin => pin.cid)).toEqual([cid])
  expect(await servicePins(service)).toMatchObject([{ status: 'pinned', pin: { cid, name: 'adapter' } }])
  await unpinAtService(service, cid)
  expect(await servicePins(service, { cid })).toEqual([])
  expect(await listPins(theirs.node)).toEqual([])
})

test('what the service will not take fails with its reason', async () => {
  const cid = await addDirectory(own.node, { big: new Uint8Array(200_000).fill(3) })
  await expect(pinAtService(own.node, service, cid)).rejects.toThrow(/200000 bytes, at most 100000/)
})

test('a wrong token, a wrong address, a service that talks nonsense', async () => {
  const cid = await addDirectory(own.node, { c: new Uint8Array(10) })
  await expect(pinAtService(own.node, { ...service, token: 'wrong' }, cid)).rejects.toMatchObject({
    name: 'PinningServiceError', message: expect.stringContaining('401') as string, advice: expect.stringContaining('token') as string,
  })
  await expect(servicePins({ ...service, endpoint: 'http://127.0.0.1:9' })).rejects.toMatchObject({ name: 'PinningServiceError' })

  const nonsense = createServer((_, response) => {
    response.writeHead(202, { 'content-type': 'application/json' }).end('{"requestid":1,"status":"maybe","pin":{},"created":"x","delegates":[]}')
  })
  await new Promise<void>(resolve => nonsense.listen(0, '127.0.0.1', resolve))
  const endpoint = `http://127.0.0.1:${(nonsense.address() as AddressInfo).port}`
  await expect(pinAtService(own.node, { ...service, endpoint }, cid)).rejects.toMatchObject({ name: 'PinningServiceError' })
  nonsense.closeAllConnections()
  nonsense.close()
})

test('an address that would send the token in the clear is refused', () => {
  const parse = (endpoint: string) => pinningServiceSchema.safeParse({ name: 'x', endpoint, token: 't' }).success
  expect(parse('https://api.example/psa')).toBe(true)
  expect(parse('http://127.0.0.1:5001')).toBe(true)
  expect(parse('http://api.example/psa')).toBe(false)
  expect(parse('http://127.0.0.1.example/')).toBe(false)
  expect(parse('javascript:alert(1)')).toBe(false)
})

test('the service knows its pins again after a restart of its API', async () => {
  const cid = await addDirectory(own.node, { d: new Uint8Array(20).fill(4) })
  await pinAtService(own.node, service, cid, { name: 'kept' })
  await api.close()
  api = await startPinningApi(theirs, { token: service.token })
  service = { ...service, endpoint: api.url }
  expect(await servicePins(service, { cid })).toMatchObject([{ status: 'pinned', pin: { cid, name: 'kept' } }])
})
