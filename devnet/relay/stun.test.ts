import { createSocket } from 'node:dgram'
import { expect, test } from 'vitest'
import { bindingResponse } from './stun.ts'
import { startRelay } from './startRelay.ts'

/** RFC 5769, section 2.1's transaction id, in a request without attributes. */
const id = 'b7e7a701bc34d686fa87dfae'
const request = Buffer.from(`000100002112a442${id}`, 'hex')

test('mapped addresses are those of RFC 5769, sections 2.2 and 2.3', () => {
  const v4 = bindingResponse(request, { address: '192.0.2.1', port: 32853, family: 'IPv4' })!
  expect(v4.toString('hex')).toBe(`0101000c2112a442${id}002000080001a147e112a643`)
  const v6 = bindingResponse(request, { address: '2001:db8:1234:5678:11:2233:4455:6677', port: 32853, family: 'IPv6' })!
  expect(v6.toString('hex')).toBe(`010100182112a442${id}002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9`)
})

test('short IPv6 addresses are written out', () => {
  const response = bindingResponse(request, { address: '::1', port: 1, family: 'IPv6' })!
  const mask = Buffer.from(`2112a442${id}`, 'hex')
  expect([...response.subarray(28)].map((byte, index) => byte ^ mask[index]!)).toEqual([...Array<number>(15).fill(0), 1])
})

test.each([
  ['nothing', ''], ['a short header', '00010000'], ['another method', `000300002112a442${id}`],
  ['an old request without the cookie', `0001000000000000${id}`], ['a wrong length', `000100082112a442${id}`],
])('%s is not answered', (_name, hex) => {
  expect(bindingResponse(Buffer.from(hex, 'hex'), { address: '192.0.2.1', port: 1, family: 'IPv4' })).toBeNull()
})

test('a relay answers on its own port over UDP', async () => {
  const relay = await startRelay()
  const port = Number(/tcp\/(\d+)/.exec(relay.addresses[0]!)![1])
  const socket = createSocket('udp4')
  const answer = new Promise<Buffer>(resolve => socket.once('message', resolve))
  await new Promise<void>(resolve => socket.bind(0, '127.0.0.1', resolve))
  socket.send(request, port, '127.0.0.1')
  const response = await answer
  expect((response.readUInt16BE(26) ^ 0x2112)).toBe(socket.address().port)
  socket.close()
  await relay.stop()
})
